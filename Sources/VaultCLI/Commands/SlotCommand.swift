import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory

/// `vault slot`: the ways to unlock a member.
struct SlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot", abstract: "The ways to unlock yourself: passphrase, key file, recovery code.",
        subcommands: [Add.self, Change.self, List.self, Remove.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case passphrase
        case keyFile = "key-file"
        case recovery
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a way to unlock yourself.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "passphrase, key-file or recovery.") var kind: Kind
        @OptionGroup var flags: SlotFlags

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context, try flags.requests(kind, "add"))
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let id = try flags.make(kind, secrets, context) { credential throws(VaultError) in
                try access.perform(AddSlot(credential))
            }
            try context.receipt(
                "\(kind.rawValue) slot \(id.hex) added",
                ["kind": .string(kind.rawValue), "slot": .string(id.hex)])
        }
    }

    struct Change: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "change",
            abstract: "Put a new passphrase, key file or recovery code in the place of the old one.",
            discussion: "Stopped at any moment, either the old one or the new one unlocks.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "passphrase, key-file or recovery.") var kind: Kind
        @OptionGroup var flags: SlotFlags
        @Option(
            help: ArgumentHelp("The one to replace, where there are several of the kind.", valueName: "id"))
        var slot: String?

        func run() throws {
            let context = Context(options)
            let named = try slot.map { text throws(Failure) in try Identifier(slot: text) }
            let secrets = try SecretsIn(context, try flags.requests(kind, "change"))
            let vault = try context.open()
            let access = try secrets.access(context, to: vault, replacing: kind)
            let old = try named ?? place(access, context)
            let id = try flags.make(kind, secrets, context) { credential throws(VaultError) in
                try access.perform(ReplaceSlot(old, with: credential))
            }
            try context.receipt(
                "\(kind.rawValue) slot \(old.hex) replaced by \(id.hex)",
                [
                    "kind": .string(kind.rawValue), "replaced": .string(old.hex), "slot": .string(id.hex),
                ])
        }

        /// The slot that was unlocked with, if it is of this kind; otherwise the only one of the kind.
        private func place(
            _ access: any Operator, _ context: Context
        ) throws(Failure) -> Identifier {
            let own = try context.perform(FindOwnSlots(kind.rawValue), access)
            guard let first = own.slots.first else {
                throw Failure(
                    .notFound, "\(own.member) has no \(kind.rawValue) slot to change",
                    next: "vault slot add \(kind.rawValue)")
            }
            guard own.slots.count == 1 || first == own.used else {
                throw Failure(
                    .usage, "\(own.member) has \(own.slots.count) \(kind.rawValue) slots; which one?",
                    next: "--slot ID, as in 'vault slot list'")
            }
            return first
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
            let slot = try Identifier(slot: id)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.perform(RemoveSlot(slot), access)
            try context.receipt("slot \(id) removed", ["slot": .string(id)])
        }
    }
}

extension Identifier {
    fileprivate init(slot text: String) throws(Failure) {
        guard let id = Identifier(hex: text) else {
            throw Failure(.usage, "a slot's id has 32 hexadecimal digits", next: "vault slot list")
        }
        self = id
    }
}
