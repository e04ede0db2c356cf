import ArgumentParser
import VaultCore
import VaultLedger

/// `vault client`: OAuth 2.0 clients, which connections share.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "OAuth 2.0 clients: one serves many connections.",
        subcommands: [
            Create.self, List.self, Show.self, Edit.self, Annotate.self, UsedBy.self, Remove.self,
        ])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Register an OAuth 2.0 client.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The system, as in 'vault connector list'.") var connector: String
        @Option(help: "The client's name.") var name: String?
        @OptionGroup var flags: OwnerFlags

        func run() throws {
            try OwnerCreation(
                context: Context(options), kind: .client, connectorName: connector, name: name, flags: flags
            ).run()
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List OAuth 2.0 clients, by name. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @OptionGroup var flags: ListFlags

        func run() throws {
            try OwnerListing(context: Context(options), kind: .client).run(try flags.filter())
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a client, without its secret. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The client's name.") var name: String

        func run() throws { try OwnerShow(context: Context(options), kind: .client, name: name).run() }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "edit", abstract: "Change a client; its secret is asked for again.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The client's name.") var name: String
        @OptionGroup var flags: OwnerFlags

        func run() throws {
            try OwnerEdit(context: Context(options), kind: .client, name: name, flags: flags).run()
        }
    }

    struct Annotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "annotate",
            abstract: "Change a client's note, and how often its secret is to be rotated.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The client's name.") var name: String
        @Option(help: "A note; an empty one takes it away.") var note: String?
        @OptionGroup var periods: PeriodOptions

        func run() throws {
            let context = Context(options)
            let rules = try periods.rules()
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.perform(AnnotateOwner(.client, name, tags: [], note: note, rotate: rules), access)
            try context.receipt("OAuth 2.0 client '\(name)' annotated", ["name": .string(name)])
        }
    }

    struct UsedBy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "used-by", abstract: "The connections that use a client. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The client's name.") var name: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            for user in try context.failing({ () throws(VaultError) in try vault.connections(of: name) }) {
                if context.json {
                    try context.output.json(["connection": .string(user), "schema": 1])
                } else {
                    try context.output.line(SafeText.escaped(user))
                }
            }
            try context.output.flush()
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a client that no connection uses.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The client's name.") var name: String

        func run() throws { try OwnerRemoval(context: Context(options), kind: .client, name: name).run() }
    }
}

/// `show` of either kind.
struct OwnerShow {
    let context: Context
    let kind: OwnerKind
    let name: String

    func run() throws {
        let vault = try context.open()
        let owner = try context.failing { () throws(VaultError) in try vault.show(kind, name) }
        var view = OwnerView(owner: owner)
        if kind == .connection {
            view.usage = try context.failing { () throws(VaultError) in try vault.usage(of: name) }
        }
        if context.json { try context.output.json(view.json) } else { try view.write(to: context.output) }
        try context.output.flush()
    }
}

/// `remove` of either kind.
struct OwnerRemoval {
    let context: Context
    let kind: OwnerKind
    let name: String

    func run() throws {
        let secrets = try SecretsIn(context)
        let vault = try context.open()
        let access = try secrets.access(context, to: vault)
        try context.perform(RemoveOwner(kind, name), access)
        try context.receipt(
            "\(kind.noun) '\(name)' removed", ["kind": .string(kind.rawValue), "name": .string(name)])
    }
}
