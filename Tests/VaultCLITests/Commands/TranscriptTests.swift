import Foundation
import TestSupport
import Testing

@Suite struct TranscriptTests {
    /// `VAULT_TRANSCRIPTS=write swift test --filter TranscriptTests` updates the files instead.
    @Test(arguments: Transcript.all)
    func `prints what the transcript shows`(_ transcript: Transcript) async throws {
        let sandbox = try Sandbox()
        let results = try Sandbox()
        for need in transcript.needs {
            guard try await sandbox.shell("command -v \(need)").status == 0 else {
                return print("\(transcript.name) skipped: needs \(need)")
            }
        }
        let script = "umask 022\n" + transcript.script(results: results.folder)
        let whole = try await sandbox.shell(script, environment: sandbox.environment)
        #expect(whole.errorText == "", "the shell can't parse the transcript")
        let said = transcript.said(results: results.folder, folder: sandbox.folder)
        if ProcessInfo.processInfo.environment["VAULT_TRANSCRIPTS"] == "write" {
            return try transcript.rewritten(said).write(
                to: Self.source(transcript.name), atomically: true, encoding: .utf8)
        }
        for (command, lines) in zip(transcript.commands, said) {
            if command.mark == "%" {
                #expect(!lines.contains { $0.hasPrefix("? ") }, "\(command.lines[0]): \(lines)")
            } else {
                #expect(lines == command.expected, "\(command.lines[0])")
            }
        }
    }

    @Test func `transcripts exist, including the contract`() {
        #expect(Transcript.all.count >= 14)
        #expect(Transcript.all.contains { $0.name == "contract.txt" && $0.commands.count >= 10 })
    }

    private static func source(_ name: String) -> URL {
        Repository.file("Tests/VaultCLITests/Transcripts/\(name)")
    }
}

extension Transcript {
    fileprivate func rewritten(_ said: [[String]]) -> String {
        var lines = head
        for (command, said) in zip(commands, said) {
            lines.append("\(command.mark) \(command.lines[0])")
            lines += command.lines.dropFirst().map { "> \($0)" }
            if command.mark == "$" { lines += said }
            lines += command.gap
        }
        return lines.joined(separator: "\n")
    }
}
