import Foundation
import Testing

/// A sample of `make faults` (docs/faults.md).
@Suite(.ownThread)
struct InjectionTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/faults.sh").standardizedFileURL.path
    /// Calls that the program makes and its dynamic linker does not: a development build is linked dynamically.
    private static let calls = "write,pwrite64,fsync,fdatasync,ftruncate,renameat2,rename,unlink,mkdir,power"

    @Test func `reports what is in the file, whatever call fails (cases 86 to 88)`() async throws {
        let sandbox = try Sandbox()
        let outcome = try await sandbox.shell(
            "bash '\(Self.script)' '\(Binary.path)' --call \(Self.calls) --points 120 --workers 2")
        if outcome.text.contains("skipped") || outcome.errorText.contains("skipped") {
            return print("left out: \(outcome.text)\(outcome.errorText)")
        }
        #expect(outcome.text.contains("120 points tried"))
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
}
