import Foundation
import Testing

/// The work of `exec` besides the command.
@Suite struct ExecSettlingTests {
    private static func sandbox() async throws -> Sandbox {
        let sandbox = try await Sandbox.withVault()
        let made = try await sandbox.vault(
            "connection", "create", "http", "--name", "Web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "value-for-settling")
        try #require(made.status == 0, "\(made.errorText)")
        return sandbox
    }

    /// The number of entries in the user's only anchor.
    private static func seen(_ sandbox: Sandbox) throws -> Int {
        let folder = sandbox.folder + "/home/state/vault/anchors"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let json = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
        return try #require((json as? [String: Any])?["size"] as? Int)
    }

    // A process that opens the vault can't know which part of the log is in the file already. Every command read all of it
    // and wrote it again, and the log grew without bound.
    @Test func `the write-ahead log stays short after many commands`() async throws {
        let sandbox = try await Self.sandbox()
        for _ in 0..<30 { #expect(try await sandbox.vault("exec", "Web", "--", "true").status == 0) }
        let log = try FileManager.default.attributesOfItem(atPath: sandbox.folder + "/v/vault.db-wal")
        let pages = try #require(log[.size] as? Int) / 4120
        #expect(pages < 64 + 16)
        #expect(try await sandbox.vault("audit", "verify", "--secrets").status == 0)
    }

    @Test(arguments: [["true"], ["false"], ["there-is-no-such-command"]], [[], ["--no-masking"]])
    func `the anchor is saved, whether or not the command succeeds`(
        _ command: [String], _ options: [String]
    ) async throws {
        let sandbox = try await Self.sandbox()
        let before = try Self.seen(sandbox)
        _ = try await sandbox.program(["exec", "Web"] + options + ["--"] + command).start().outcome()
        #expect(try Self.seen(sandbox) == before + 1)
    }

    @Test func `the anchor is saved after a refusal`() async throws {
        let sandbox = try await Self.sandbox()
        #expect(try await sandbox.vault("connection", "annotate", "Web", "--allow", "request").status == 0)
        let before = try Self.seen(sandbox)
        #expect(try await sandbox.vault("exec", "Web", "--", "true").status == 16)
        #expect(try Self.seen(sandbox) == before + 1)
    }
}
