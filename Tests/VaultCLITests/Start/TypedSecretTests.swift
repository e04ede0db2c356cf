import Foundation
import Testing

/// A secret in the wrong place.
@Suite struct TypedSecretTests {
    private static let canary = "CANARY-7f3a"

    private struct Dump: Decodable {
        struct Argument: Decodable {
            let kind: String
            let isRepeating: Bool?
        }

        struct Node: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Node]?
        }

        let command: Node
    }

    @Test(
        "an argument with one hyphen is not taken for -h (case 92)",
        arguments: ["-phunter2", "-xh", "-hx"])
    func clusters(word: String) async throws {
        let sandbox = try Sandbox()
        for command in ["secret set B token", "connection remove B", ""] {
            let said = try await sandbox.shell("vault \(command) \(word)")
            #expect(said.status == 64 && said.text.isEmpty, "\(command)")
            #expect(!said.errorText.contains(word), "\(said.errorText)")
        }
        #expect(try await sandbox.vault("secret", "set", "-h").status == 0)
    }

    /// The commands without subcommands, with the number of their operands; nil for any number.
    private func commands() async throws -> [(words: [String], operands: Int?)] {
        let said = try await Sandbox().vault("--experimental-dump-help")
        func under(_ node: Dump.Node, _ words: [String]) -> [([String], Int?)] {
            let below = (node.subcommands ?? []).filter { $0.commandName != "help" }
            guard below.isEmpty else {
                return below.flatMap { under($0, words + [$0.commandName]) }
            }
            let operands = (node.arguments ?? []).filter { $0.kind == "positional" }
            return [(words, operands.contains { $0.isRepeating == true } ? nil : operands.count)]
        }
        return under(try JSONDecoder().decode(Dump.self, from: Data(said.output)).command, [])
    }

    @Test func `is never repeated as an unexpected argument or an unknown option (case 96)`() async throws {
        let sandbox = try await Sandbox.withVault()
        for (words, operands) in try await commands() where words.first != "agent" {
            let given = words + [String](repeating: "A", count: operands ?? 1)
            var tries = [
                given + ["--\(Self.canary)"], given + ["-\(Self.canary)"],
                given + ["--secret-key=\(Self.canary)"],
            ]
            if operands != nil { tries += [given + [Self.canary], given + [Self.canary, "--json"]] }
            for arguments in tries {
                let said = try await sandbox.program(arguments).start().outcome()
                #expect(said.status == 64, "\(arguments): \(said.text)\(said.errorText)")
                #expect(
                    !(said.text + said.errorText).contains(Self.canary), "\(arguments): \(said.errorText)")
            }
        }
    }

    @Test func `is never repeated as a field name or a source (case 96)`() async throws {
        let sandbox = try await Sandbox.withVault()
        let made = try await sandbox.vault(
            "connection", "create", "http", "--name", "A", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "a-secret-of-a-test")
        try #require(made.status == 0, "\(made.errorText)")
        let value = Self.canary
        let tries = [
            "secret set A \(value) --from stdin", "secret set A \(value)", "secret verify A \(value)",
            "secret verify A \(value) --from stdin", "secret rollback A \(value)",
            "secret destroy A \(value) --version 1", "secret set A token --from \(value)",
            "secret set A token --from=\(value)", "secret set A token \(value)",
            "connection edit A --secret token=\(value)", "connection edit A --secret \(value)",
            "connection edit A --secret=\(value)", "connection edit A --set token=\(value)",
            "connection create http --name B --secret token=\(value)",
            "rotate start A --secret token=\(value)",
            "rotate start A --secret \(value)", "rotate start A \(value)", "unlock \(value)",
            "unlock --passphrase-from \(value)", "unlock --recovery-from \(value)", "init \(value)",
            "slot change passphrase \(value)", "slot add passphrase --from \(value)",
            "member add bo --role user --passphrase-from \(value)", "request A / --data \(value)",
            "request A / -H \(value)", "token A --to \(value)", "connection annotate A --tag \(value)",
        ]
        for words in tries {
            for json in ["", " --json"] {
                let said = try await sandbox.shell("printf x | vault \(words)\(json)")
                #expect(said.status != 0, "\(words)")
                #expect(!(said.text + said.errorText).contains(value), "\(words)\(json): \(said.errorText)")
            }
        }
        let variable = try await sandbox.vault(
            "unlock", environment: ["VAULT_KEY_FILE": "", "VAULT_PASSPHRASE_FILE": value])
        #expect(variable.status == 64 && !variable.errorText.contains(value), "\(variable.errorText)")
    }
}
