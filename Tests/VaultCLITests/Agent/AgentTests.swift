// These tests run the built programs with real sockets in a temporary folder. An agent ends by itself when the folder
// with its socket is removed.

import Foundation
import Testing
import VaultCore
import VaultWire

@Suite struct AgentTests {
    /// A vault with one connection. Tests unset `VAULT_KEY_FILE` with `none`.
    private static func sandbox() async throws -> Sandbox {
        let sandbox = try await Sandbox.withVault()
        try await sandbox.vault(
            "connection", "create", "http", "--name", "Web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "first-value")
        return sandbox
    }

    private static let none = ["VAULT_KEY_FILE": ""]

    @Test func `between unlock and lock commands need no key, and entries name the agent`() async throws {
        let sandbox = try await Self.sandbox()
        try #require(try await sandbox.vault("unlock", "--for", "5m").status == 0)
        let child = try await sandbox.vault(
            "exec", "Web", "--", "sh", "-c",
            #"test "$HTTP_API_TOKEN" = first-value && echo "$HTTP_API_TOKEN""#,
            environment: Self.none)
        #expect(child.status == 0, "\(child.errorText)")
        #expect(child.text == "*****\n")
        let set = try await sandbox.vault(
            "secret", "set", "Web", "token", "--from", "stdin", input: "second-value", environment: Self.none)
        #expect(set.text == "token of 'Web' set: version 2\n", "\(set.errorText)")
        let rotated = try await sandbox.vault("key", "rotate", "--reason", "spring", environment: Self.none)
        #expect(rotated.text == "master key rotated: epoch 1 → 2, 1 secret resealed\n")
        let log = try await sandbox.vault("audit", "log", "--limit", "1", "--json").text
        #expect(log.contains(#""program":"agent""#))
        #expect(log.contains(#""reason":"spring""#))
        #expect(try await sandbox.vault("audit", "verify", "--secrets", environment: Self.none).status == 0)

        #expect(try await sandbox.vault("lock").text == "locked\n")
        let locked = try await sandbox.vault("exec", "Web", "--", "true", environment: Self.none)
        #expect(locked.status == 11)
    }

    @Test func `an unlocked agent answers queries`() async throws {
        let sandbox = try await Self.sandbox()
        try #require(try await sandbox.vault("unlock", "--for", "5m").status == 0)
        let endpoint = try #require(
            AgentEndpoint(
                folder: "\(sandbox.folder)/home/state/vault/run", vault: "\(sandbox.folder)/v/vault.db"))
        let agent = try #require(try AgentConnection.connect(to: endpoint))
        #expect(try agent.perform(ListOwners(.connection)).map(\.name) == ["Web"])
        #expect(throws: VaultError.input(.notFound(kind: .connection, name: "Nope", nearest: []))) {
            _ = try agent.perform(ShowOwner(.connection, "Nope"))
        }
    }

    @Test func `a recovery code unlocks the agent, which the ledger records, and can be replaced`()
        async throws
    {
        let sandbox = try Sandbox()
        let code = "file:\(sandbox.folder)/code"
        try await sandbox.vault("init", "--member", "ana", "--recovery-to", "\(sandbox.folder)/code")
        let opened = try await sandbox.vault("unlock", "--recovery-from", code, environment: Self.none)
        try #require(opened.status == 0, "\(opened.errorText)")
        #expect(opened.errorText.contains("vault slot change recovery"))
        let rotated = try await sandbox.vault("key", "rotate", environment: Self.none)
        #expect(rotated.status == 0 && rotated.errorText == "", "\(rotated.errorText)")
        let used = try await sandbox.vault("audit", "log", "--action", "slot.recover", "--json").text
        #expect(used.split(separator: "\n").count == 1 && used.contains(#""program":"agent""#))
        let changed = try await sandbox.vault(
            "slot", "change", "recovery", "--to", "\(sandbox.folder)/next", environment: Self.none)
        #expect(changed.status == 0, "\(changed.errorText)")
        try await sandbox.vault("lock")
        let old = try await sandbox.vault("unlock", "--recovery-from", code, environment: Self.none)
        #expect(old.status == 12, "\(old.errorText)")
        let next = "file:\(sandbox.folder)/next"
        #expect(
            try await sandbox.vault("unlock", "--recovery-from", next, environment: Self.none).status == 0)
        try await sandbox.vault("lock")
    }

    @Test func `a failure has the same message and code with and without an agent`() async throws {
        let sandbox = try await Self.sandbox()
        let commands = [
            ["secret", "set", "Web", "app-key", "--from", "stdin"], ["exec", "Web", "Nobody", "--", "true"],
            ["exec", "Web", "Web", "--", "true"], ["connection", "remove", "Webb"],
            ["connector", "remove", "http"], ["slot", "remove", String(repeating: "0", count: 32)],
            ["key", "rotate", "--resume"], ["exec", "Web", "--only", "NO_SUCH", "--", "true"],
        ]
        var alone: [(Int32, String)] = []
        for words in commands {
            let said = try await sandbox.program(words, input: "x").start().outcome()
            alone.append((said.status, said.errorText))
        }
        try #require(try await sandbox.vault("unlock").status == 0)
        for (words, (status, text)) in zip(commands, alone) {
            let said = try await sandbox.program(words, input: "x", environment: Self.none).start().outcome()
            #expect(said.status == status && said.errorText == text, "\(words)")
            #expect(status != 0)
        }
    }
}
