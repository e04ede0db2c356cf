import Foundation
import Testing

/// What `exec` does beside the command that it runs.
@Suite struct ExecSettlingTests {
    private static func sandbox() async throws -> Sandbox {
        let sandbox = try await Sandbox.withVault()
        let made = try await sandbox.vault(
            "connection", "create", "http", "--name", "Web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "value-for-settling")
        try #require(made.status == 0, "\(made.errorText)")
        return sandbox
    }

    /// How many entries the user's one anchor has seen.
    private static func seen(_ sandbox: Sandbox) throws -> Int {
        let folder = sandbox.folder + "/home/state/vault/anchors"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let json = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
        return try #require((json as? [String: Any])?["size"] as? Int)
    }

    // Nobody who opens the vault can know what of the log is in the file already: all of it was read, and written to the
    // file once more, by every command, and it never ended.
    @Test func `the write-ahead log stays short, however often a command is run`() async throws {
        let sandbox = try await Self.sandbox()
        for _ in 0..<30 { #expect(try await sandbox.vault("exec", "Web", "--", "true").status == 0) }
        let log = try FileManager.default.attributesOfItem(atPath: sandbox.folder + "/v/vault.db-wal")
        let pages = try #require(log[.size] as? Int) / 4120
        #expect(pages < 64 + 16)
        #expect(try await sandbox.vault("audit", "verify", "--secrets").status == 0)
    }

    @Test(arguments: [["true"], ["false"], ["there-is-no-such-command"]], [[], ["--no-masking"]])
    func `what was seen is remembered, whatever becomes of the command`(
        _ command: [String], _ options: [String]
    ) async throws {
        let sandbox = try await Self.sandbox()
        let before = try Self.seen(sandbox)
        _ = try await sandbox.program(["exec", "Web"] + options + ["--"] + command).start().outcome()
        #expect(try Self.seen(sandbox) == before + 1)
    }

    @Test func `a refusal is remembered too`() async throws {
        let sandbox = try await Self.sandbox()
        #expect(try await sandbox.vault("connection", "annotate", "Web", "--allow", "request").status == 0)
        let before = try Self.seen(sandbox)
        #expect(try await sandbox.vault("exec", "Web", "--", "true").status == 16)
        #expect(try Self.seen(sandbox) == before + 1)
    }
}
