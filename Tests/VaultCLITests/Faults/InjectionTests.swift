import Foundation
import TestSupport
import Testing

/// A sample of `make faults` and of `make tamper` (docs/faults.md, docs/tamper.md).
@Suite(.dedicatedThread, .serialized)
struct InjectionTests {
    private static let scripts = Repository.file("scripts").path
    /// One operation of each kind: settings, secrets, keys, master keys, backups.
    private static let operations = [
        "init", "connection-create@plain", "secret-set@plain", "slot-change-key-file@plain",
        "slot-change-recovery@plain", "key-rotate@plain", "rotate-finish", "backup-restore",
    ].joined(separator: ",")
    /// Calls that the program makes and the dynamic linker does not: development builds are linked dynamically.
    private static let calls = "write,pwrite64,fsync,fdatasync,ftruncate,renameat2,rename,unlink,mkdir,power"

    @Test func `messages match the file when a system call fails (cases 86 to 88)`() async throws {
        try await sample("faults.sh", "--operation \(Self.operations) --call \(Self.calls) --points 100")
    }

    @Test func `a vault in a new folder survives a power loss at any moment after it was reported`()
        async throws
    {
        try await sample("faults.sh", "--operation init-recovery --call power")
    }

    @Test func `rejects every changed file and every invalid entry (cases 97 to 104)`()
        async throws
    {
        try await sample("tamper.sh", "--mutants 100")
    }

    /// Runs a sample for a minute, without a failure.
    private func sample(_ script: String, _ options: String) async throws {
        let outcome = try await Sandbox().shell(
            "bash '\(Self.scripts)/\(script)' '\(Binary.path)' \(options) --workers 2 --seconds 60")
        if (outcome.text + outcome.errorText).contains(/(faults|tamper): skipped/) {
            return print("skipped: \(outcome.text)\(outcome.errorText)")
        }
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
        #expect(outcome.text.contains(/[1-9][0-9]* (points of|mutants tried)/), "\(outcome.text)")
    }
}
