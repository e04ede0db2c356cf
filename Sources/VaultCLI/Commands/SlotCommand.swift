import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory

/// `vault slot`: manages the slots of a member. Each slot unlocks their identity with one credential.
struct SlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot",
        abstract: "Manage your slots: the passphrases, key files and recovery codes that unlock.",
        subcommands: [Add.self, Change.self, List.self, Remove.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case passphrase
        case keyFile = "key-file"
        case recovery
    }

    struct Add: ParsableCommand, ExampleProviding {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a slot.")
        static let examples = ["vault slot add passphrase", "vault slot add key-file --path second.key"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The kind: passphrase, key-file or recovery.") var kind: Kind
        @OptionGroup var flags: SlotOptions

        func run() throws {
            let context = Context(options)
            let secrets = try CommandSecrets(context, try flags.requests(kind, "add"))
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

    struct Change: ParsableCommand, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "change",
            abstract: "Replace a passphrase, key file or recovery code.",
            discussion: "The change is atomic: at any moment either the old or the new one unlocks.")
        static let examples = [
            "vault slot change passphrase", "vault slot change recovery --to recovery-code.txt",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The kind: passphrase, key-file or recovery.") var kind: Kind
        @OptionGroup var flags: SlotOptions
        @Option(
            help: ArgumentHelp("The slot to replace, if there are several of the kind.", valueName: "id"))
        var slot: String?

        func run() throws {
            let context = Context(options)
            let named = try slot.map { text throws(Failure) in try Identifier(slot: text) }
            let secrets = try CommandSecrets(context, try flags.requests(kind, "change"))
            let vault = try context.open()
            let access = try secrets.access(context, to: vault, replacing: kind)
            let old = try named ?? slotToReplace(access, context)
            let id = try flags.make(kind, secrets, context) { credential throws(VaultError) in
                try access.perform(ReplaceSlot(old, with: credential))
            }
            try context.receipt(
                "\(kind.rawValue) slot \(old.hex) replaced by \(id.hex)",
                [
                    "kind": .string(kind.rawValue), "replaced": .string(old.hex), "slot": .string(id.hex),
                ])
        }

        /// The slot that unlocked, if it is of this kind; otherwise the only one of the kind.
        private func slotToReplace(
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
                    .usage, "\(own.member) has \(own.slots.count) \(kind.rawValue) slots",
                    next: "name one with --slot ID; vault slot list")
            }
            return first
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the slots of all members. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            var table = Table(["ID", "MEMBER", "KIND", "ADDED"])
            for slot in try context.answer(ListSlots(), vault) {
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
            commandName: "remove", abstract: "Remove a slot.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The id of the slot (see 'vault slot list').") var id: String

        func run() throws {
            let context = Context(options)
            let slot = try Identifier(slot: id)
            let secrets = try CommandSecrets(context)
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
            throw Failure(.usage, "invalid slot id: expected 32 hexadecimal digits", next: "vault slot list")
        }
        self = id
    }
}
