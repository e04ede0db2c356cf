import Foundation
import Testing

/// A sample of `make faults`: the built program, with a fault at one of its system calls, on a full disk, or after a loss
/// of power.
@Suite(
    .serialized, .ownThread,
    .enabled(if: Victim.isBuilt && FaultTests.canInject, "needs python3 and strace, and to be allowed to trace"))
struct FaultTests {
    /// Whether strace works here, as `scripts/faults` uses it.
    static let canInject: Bool = {
        guard let victim = try? Victim() else { return false }
        let line = "command -v python3 && strace -f --seccomp-bpf -qq -o /dev/null true"
        return (try? victim.run(["-c", line], program: "/bin/sh"))?.status == 0
    }()

    private static let script = URL(filePath: #filePath).appending(path: "../../../../scripts/faults/main.py").standardized

    /// `points` of these operations, chosen by a fixed seed; 0 when everything that was reported agrees with the file.
    private func sample(_ operations: String, points: Int) throws {
        let victim = try Victim()
        let outcome = try victim.run(
            [
                "-B", Self.script.path, Victim.path, "--operation", operations, "--points", String(points),
                "--workers", "2",
            ], program: "/usr/bin/python3")
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.error)")
        #expect(outcome.text.contains(" points tried of "), "\(outcome.text)\(outcome.error)")
    }

    @Test func `a fault while keys and codes change loses no way to unlock (cases 86, 87)`() throws {
        try sample("slot-change-key-file@plain,slot-change-recovery@log,member-add-key-file@plain", points: 60)
    }

    @Test func `a fault in a change is reported as the file has it (case 88)`() throws {
        try sample(
            "secret-set@log,connection-edit@held,key-rotate@deposits,rotate-finish@pending,backup-restore-replace", points: 70)
    }

    @Test func `a fault in a backup leaves none or a whole one, and no half-made file (cases 89, 91)`() throws {
        try sample("backup-create@killed,connection-annotate@killed,init", points: 50)
    }

    @Test func `a fault inside the agent is reported as the file has it (case 88)`() throws {
        try sample("secret-set@agent,rotate-start@agent", points: 25)
    }
}
