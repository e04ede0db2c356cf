import ArgumentParser
import VaultCore
import VaultLedger

/// `vault slot`: manages the slots of a member. Each slot unlocks their identity with one credential.
struct SlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot",
        abstract: "Manage your slots: the passphrases, key files and recovery codes that unlock.",
        subcommands: [Add.self, Change.self, List.self, Remove.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable, JSONConvertible {
        case passphrase
        case keyFile = "key-file"
        case recovery
    }

    struct Add: Command, ExampleProviding {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a slot.")
        static let examples = ["vault slot add passphrase", "vault slot add key-file --path second.key"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The kind: passphrase, key-file or recovery.") var kind: Kind
        @OptionGroup var flags: SlotOptions

        func run(_ context: Context) throws {
            let secrets = try CommandSecrets(context, try flags.requests(kind, "add"))
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let id = try flags.make(kind, secrets, context) { try access.perform(AddSlot($0)) }
            try context.receipt("\(kind.rawValue) slot \(id.hex) added", ["kind": kind, "slot": id])
        }
    }

    struct Change: Command, ExampleProviding {
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
        @Option(help: .init("The slot to replace, if there are several of the kind.", valueName: "id"))
        var slot: String?

        func run(_ context: Context) throws {
            let named = try slot.map(Identifier.init(slot:))
            let secrets = try CommandSecrets(context, try flags.requests(kind, "change"))
            let vault = try context.open()
            let access = try secrets.access(context, to: vault, replacing: kind)
            let old = try named ?? slotToReplace(access, context)
            let id = try flags.make(kind, secrets, context) { try access.perform(ReplaceSlot(old, with: $0)) }
            try context.receipt(
                "\(kind.rawValue) slot \(old.hex) replaced by \(id.hex)",
                ["kind": kind, "replaced": old, "slot": id])
        }

        /// The slot that unlocked, if it is of this kind; otherwise the only one of the kind.
        private func slotToReplace(_ access: any Operator, _ context: Context) throws -> Identifier {
            let own = try context.perform(FindOwnSlots(kind.rawValue), access)
            guard let first = own.slots.first else {
                throw Failure.notFound("\(own.member) has no \(kind.rawValue) slot to change")
                    .next("vault slot add \(kind.rawValue)")
            }
            try require(
                own.slots.count == 1 || first == own.used,
                "\(own.member) has \(own.slots.count) \(kind.rawValue) slots",
                next: "add --slot with an id from: vault slot list")
            return first
        }
    }

    struct List: Command {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the slots of all members. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            try context.write(context.open().perform(ListSlots()), ["ID", "MEMBER", "KIND", "ADDED"]) {
                ["added_at": $0.addedAt, "id": $0.id, "kind": $0.kind, "member": $0.member]
            } cells: {
                [$0.id.hex, $0.member, $0.kind, $0.addedAt]
            }
        }
    }

    struct Remove: Command {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a slot.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The id of the slot (see 'vault slot list').") var id: String

        func run(_ context: Context) throws {
            let slot = try Identifier(slot: id)
            try context.perform(RemoveSlot(slot))
            try context.receipt("slot \(id) removed", ["slot": id])
        }
    }
}

extension Identifier {
    fileprivate init(slot text: String) throws {
        guard let id = Identifier(hex: text) else {
            throw Failure.usage("invalid slot id: expected 32 hexadecimal digits")
                .next("copy an id from: vault slot list")
        }
        self = id
    }
}
