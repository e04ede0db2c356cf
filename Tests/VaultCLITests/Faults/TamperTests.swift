import Foundation
import Testing

/// A sample of `make tamper` (docs/tamper.md).
@Suite(.ownThread)
struct TamperTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/tamper.sh").standardizedFileURL.path

    @Test func `refuses what was changed in a vault's file, and what a member signed with a broken field`()
        async throws
    {
        let sandbox = try Sandbox()
        guard try await sandbox.shell("command -v python3").status == 0 else {
            return print("left out: there is no python3")
        }
        let outcome = try await sandbox.shell(
            "bash '\(Self.script)' '\(Binary.path)' --mutants 200 --workers 2")
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
}
