import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry

/// `vault secret`: replaced, listed, compared; never shown.
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets: replaced, listed and compared, and never shown.",
        subcommands: [
            Set.self, List.self, Verify.self, Versions.self, Rollback.self, Destroy.self,
        ])

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Replace one secret of a connection or client.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(
            help: ArgumentHelp("Where it comes from: prompt, stdin, file:PATH or fd:N.", valueName: "source"))
        var from = "prompt"
        @Option(help: ArgumentHelp("When it expires: 90d, 12w, 1y, or a date.", valueName: "when"))
        var expires: String?
        @Flag(help: "Keep the last newline.") var keepNewline = false
        @Flag(help: "Seal it without unlocking the master key, as a writer does.") var deposit = false

        func run() throws {
            let context = Context(options)
            let expiry = try expires.map { text throws(Failure) in try Expiry.parse(text, from: context.now) }
            let input = try SecretInputOf(context, owner, field, from, keepNewline, depositing: deposit)
            let receipt = try context.perform(
                SetSecret(field, of: owner, to: input.secret, expires: expiry, depositing: deposit),
                input.access)
            try context.receipt(
                "\(field) of '\(receipt.owner)' \(receipt.isDeposit ? "deposited" : "set"): version \(receipt.version)",
                [
                    "deposited": .bool(receipt.isDeposit), "field": .string(field),
                    "owner": .string(receipt.owner),
                    "version": .integer(Int64(receipt.version)),
                ])
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract:
                "What is known of an owner's secrets: versions, when and by whom they were set. Needs no key."
        )
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let found = try context.failing { () throws(VaultError) in try vault.secrets(of: owner) }
            var table = Table(["FIELD", "VERSION", "LABEL", "SET", "BY", "EXPIRES"])
            for secret in found.secrets {
                if context.json {
                    guard case .object(var members) = OwnerView.json(secret) else { continue }
                    members["owner"] = .string(found.name)
                    members["schema"] = 1
                    try context.output.json(.object(members))
                } else {
                    table.add([
                        secret.field, String(secret.version), secret.label, secret.setAt, secret.setBy,
                        secret.expiresAt ?? "",
                    ])
                }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract:
                "Say whether a value is the stored one: exit 0 when it is, 3 when not. Needs a key, and is an entry."
        )
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(help: ArgumentHelp("Where the value comes from.", valueName: "source")) var from = "prompt"
        @Flag(help: "Keep the last newline.") var keepNewline = false

        func run() throws {
            let context = Context(options)
            let input = try SecretInputOf(context, owner, field, from, keepNewline)
            let matches = try context.perform(
                VerifySecret(field, of: owner, against: input.secret), input.access)
            try context.receipt(
                matches ? "it is the stored \(field)" : "it is not the stored \(field)",
                ["field": .string(field), "matches": .bool(matches), "owner": .string(owner)])
            if !matches { throw ExitStatus(.due) }
        }
    }
}

/// One secret of one owner, read from its source after the vault was unlocked.
private struct SecretInputOf {
    let access: any Operator
    let secret: SharedSecret

    init(
        _ context: Context, _ owner: String, _ field: String, _ source: String, _ keepNewline: Bool,
        depositing: Bool = false
    ) throws {
        let parsed: SecretSource
        do throws(SecretSource.Misfit) {
            parsed = try SecretSource(parsing: source)
        } catch {
            throw Failure(.usage, problems: [error.problem(option: "--from", example: "--from ")])
        }
        let vault = try context.open()
        let form = try context.failing { () throws(VaultError) in
            try vault.secretField(field, of: owner)
        }
        let secrets = try SecretsIn(context, [form.request(parsed, of: owner)], keepsNewline: keepNewline)
        access = try secrets.access(context, to: vault, depositing: depositing)
        secret = try secrets.read(form.key)
    }
}
