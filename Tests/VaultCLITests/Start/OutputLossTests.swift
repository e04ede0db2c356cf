import Foundation
import Testing

/// Output that can't be written.
@Suite struct OutputLossTests {
    private static let printing = [
        "connection list", "connection show A", "connection history A", "connection used-by A",
        "connector list",
        "connector show http", "secret list A", "secret versions A", "status", "due", "audit log",
        "audit verify",
        "audit checkpoint", "audit show 1", "audit export --format csv", "export connections", "slot list",
        "member list", "key status", "completion bash", "rotate status A", "--help", "--version", "doctor",
        "exec A -- echo x",
    ]

    @Test func `every command that prints fails if stdout fails (field case 03)`() async throws {
        let sandbox = try await Sandbox.withVault()
        let made = try await sandbox.vault(
            "connection", "create", "http", "--name", "A", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "a-secret-of-a-test")
        try #require(made.status == 0, "\(made.errorText)")
        for command in Self.printing {
            for words in command.contains("--") ? [command] : [command, command + " --json"] {
                // Skip commands without output, or without --json.
                if try await sandbox.shell("vault \(words)").output.isEmpty { continue }
                let full = try await sandbox.shell("vault \(words) >/dev/full")
                #expect(full.status != 0, "\(words)")
                #expect(full.errorText.contains("No space left on device"), "\(words): \(full.errorText)")
                let closed = try await sandbox.shell("vault \(words) >&-")
                #expect(closed.status != 0, "\(words)")
                #expect(closed.errorText != "", "\(words)")
            }
        }
    }

    @Test func `a request fails if stdout fails (field case 03)`() async throws {
        let scene = try await NetworkTests.Scene()
        let path = "/intelligence/api/knowledge-models?page=0&pageSize=1"
        let environment = scene.sandbox.named.merging(scene.network) { $1 }
        for place in [">/dev/full", ">&-"] {
            for flags in ["", "--include"] {
                let said = try await scene.sandbox.shell(
                    "vault request 'Celonis prod' '\(path)' \(flags) \(place)", environment: environment)
                #expect(said.status == 1, "\(place) \(flags): \(said.errorText)")
                #expect(said.errorText.contains("can't write the result to stdout"), "\(said.errorText)")
            }
        }
        let read = try await scene.sandbox.shell(
            "vault request 'Celonis prod' '\(path)'", environment: environment)
        #expect(read.status == 0 && read.text != "")
    }
}
