import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory

/// `vault slot`: the ways to unlock a member.
struct SlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot", abstract: "The ways to unlock yourself: passphrase and key file.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: ParsableCommand {
        enum Kind: String, ExpressibleByArgument, CaseIterable {
            case passphrase
            case keyFile = "key-file"
        }

        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a way to unlock yourself.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "passphrase or key-file.") var kind: Kind
        @Option(help: ArgumentHelp("The new key file; made if it is not there.", valueName: "path")) var path:
            String?
        @Option(help: ArgumentHelp("Where the new passphrase comes from.", valueName: "source")) var from =
            "prompt"

        func run() throws {
            let context = Context(options)
            let request = try passphrase()
            let secrets = try SecretsIn(context, request.map { [$0] } ?? [])
            let vault = try context.open()
            let session = try secrets.unlock(vault, context)
            let credential = try credential(context, secrets)
            let id = try context.failing { () throws(VaultError) in try vault.addSlot(credential, as: session)
            }
            try context.receipt(
                "\(kind.rawValue) slot \(id.hex) added",
                ["kind": .string(kind.rawValue), "slot": .string(id.hex)])
        }

        private func passphrase() throws(Failure) -> SecretRequest? {
            guard kind == .passphrase else {
                guard path != nil else {
                    throw Failure(.usage, "which file?", next: "vault slot add key-file --path PATH")
                }
                return nil
            }
            do throws(SecretSource.Misfit) {
                let source = try SecretSource(parsing: from)
                return SecretRequest(
                    name: "the new passphrase", source: source, label: "New passphrase", confirms: true)
            } catch {
                throw Failure(.usage, problems: [error.problem(option: "--from", example: "--from ")])
            }
        }

        private func credential(_ context: Context, _ secrets: SecretsIn) throws(Failure) -> Credential {
            if kind == .keyFile, let path {
                return .keyFile(
                    try context.failing { () throws(VaultError) in try KeyFile.contentsOrNew(at: path).key })
            }
            let given = try secrets.read("the new passphrase")
            guard given.bytes.count > 0 else {
                throw Failure(.usage, "the passphrase is empty", next: "give one")
            }
            return .passphrase(given)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the ways to unlock. Needs no key.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            var table = Table(["ID", "MEMBER", "KIND", "ADDED"])
            for slot in try context.failing({ () throws(VaultError) in try vault.slots() }) {
                if context.json {
                    try context.output.json([
                        "added_at": .string(slot.addedAt), "id": .string(slot.id.hex),
                        "kind": .string(slot.kind),
                        "member": .string(slot.member), "schema": 1,
                    ])
                } else {
                    table.add([slot.id.hex, slot.member, slot.kind, slot.addedAt])
                }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take a way to unlock away.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The slot, as in 'vault slot list'.") var id: String

        func run() throws {
            let context = Context(options)
            guard let slot = Identifier(hex: id) else {
                throw Failure(.usage, "a slot's id has 32 hexadecimal digits", next: "vault slot list")
            }
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let session = try secrets.unlock(vault, context)
            try context.failing { () throws(VaultError) in try vault.removeSlot(slot, as: session) }
            try context.receipt("slot \(id) removed", ["slot": .string(id)])
        }
    }
}
