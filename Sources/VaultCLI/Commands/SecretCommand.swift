import ArgumentParser
import VaultCore
import VaultMemory
import VaultRegistry

/// `vault secret`: manages single secrets; no command shows one.
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Replace, list and compare secrets. No command shows one.",
        subcommands: [Set.self, List.self, Verify.self, Versions.self, Rollback.self, Destroy.self])

    struct Set: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Replace a secret of a connection or client.")
        static let examples = [
            "vault secret set 'Celonis prod' app-key",
            "printf %s \"$NEW_KEY\" | vault secret set 'Celonis prod' app-key --from stdin --expires 90d",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(help: .init("Read the secret from prompt, stdin, file:PATH or fd:N.", valueName: "source"))
        var from = "prompt"
        @Option(help: .init("When the secret expires: 90d, 12w, 1y, or a date.", valueName: "when"))
        var expires: String?
        @Flag(help: "Keep the final newline of a secret from stdin or a file.") var keepNewline = false
        @Flag(help: "Deposit the secret without opening the master key, as a writer does.") var deposit =
            false

        func run(_ context: Context) throws {
            let expiry = try expires.map { try TimeArgument.expiry($0, from: context.now) }
            let input = try SecretOperand(context, owner, field, from, keepNewline, depositing: deposit)
            let receipt = try context.perform(
                SetSecret(field, of: owner, to: input.secret, expires: expiry, depositing: deposit),
                input.access)
            try context.receipt(
                "\(field) of '\(receipt.owner)' \(receipt.isDeposit ? "deposited" : "set"): version \(receipt.version)",
                [
                    "deposited": receipt.isDeposit, "field": field, "owner": receipt.owner,
                    "version": receipt.version,
                ])
        }
    }

    struct List: Command {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the secrets of a connection or client, without their values. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String

        func run(_ context: Context) throws {
            let found = try context.open().perform(ShowOwner(nil, owner))
            try context.write(found.secrets, ["FIELD", "VERSION", "LABEL", "SET", "BY", "EXPIRES"]) {
                var json = $0.json
                json["owner"] = found.name
                return json
            } cells: {
                [$0.field, String($0.version), $0.label, $0.setAt, $0.setBy, $0.expiresAt ?? ""]
            }
        }
    }

    struct Verify: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Compare a value with the stored secret. Recorded in the ledger, without the result.",
            discussion: "Exits with 0 if the value matches, and with 3 if it does not.")
        static let examples = ["vault secret verify 'Celonis prod' app-key --from file:key.txt"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(help: .init("Read the value from prompt, stdin, file:PATH or fd:N.", valueName: "source"))
        var from = "prompt"
        @Flag(help: "Keep the final newline of a value from stdin or a file.") var keepNewline = false

        func run(_ context: Context) throws {
            let input = try SecretOperand(context, owner, field, from, keepNewline)
            let matches = try context.perform(
                VerifySecret(field, of: owner, against: input.secret), input.access)
            try context.receipt(
                matches ? "matches the stored \(field)" : "does not match the stored \(field)",
                ["field": field, "matches": matches, "owner": owner])
            if !matches { throw ExitStatus(.due) }
        }
    }
}

/// A secret of a connection or client, read from its source after the vault is unlocked.
private struct SecretOperand {
    let access: any Operator
    let secret: SharedSecret

    init(
        _ context: Context, _ owner: String, _ field: String, _ source: String, _ keepNewline: Bool,
        depositing: Bool = false
    ) throws {
        let parsed = try SecretSource(source, option: "--from")
        let vault = try context.open()
        let form = try vault.perform(FindSecretField(field, of: owner)).field
        let secrets = try CommandSecrets(
            context, [form.request(parsed, of: owner)], keepsNewline: keepNewline)
        access = try secrets.access(context, to: vault, depositing: depositing)
        secret = try secrets.read(form.key)
    }
}
