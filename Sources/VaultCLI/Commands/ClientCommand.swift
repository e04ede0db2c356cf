import ArgumentParser
import VaultCore
import VaultLedger

/// `vault client`: OAuth 2.0 clients, which connections share.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Manage OAuth 2.0 clients, which connections share.",
        subcommands: [
            Create.self, List.self, Show.self, Edit.self, Annotate.self, UsedBy.self, Remove.self,
        ])

    struct Create: ParsableCommand, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create an OAuth 2.0 client. Prompts for missing values.")
        static let examples = [
            "vault client create celonis --name Robot --set client-id=abc "
                + "--set valid-domain-names=team.eu-1.celonis.cloud --secret client-secret=prompt"
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connector (see 'vault connector list').") var connector: String
        @Option(help: "The client's name.") var name: String?
        @OptionGroup var flags: OwnerOptions

        func run() throws {
            try OwnerCreation(
                context: Context(options), kind: .client, connectorName: connector, name: name, flags: flags
            ).run()
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List OAuth 2.0 clients, by name. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @OptionGroup var flags: ListOptions

        func run() throws {
            try OwnerListing(context: Context(options), kind: .client).run(try flags.filter())
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a client without its secret. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run() throws { try OwnerShow(context: Context(options), kind: .client, name: name).run() }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "edit", abstract: "Change a client's settings. Needs its secret again.",
            discussion: "An empty value removes a setting. --set name=NEW renames the client.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String
        @OptionGroup var flags: OwnerOptions

        func run() throws {
            try OwnerEdit(context: Context(options), kind: .client, name: name, flags: flags).run()
        }
    }

    struct Annotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "annotate",
            abstract: "Change a client's note and rotation period. Needs no secret.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String
        @Option(help: "Set the note; an empty one removes it.") var note: String?
        @OptionGroup var periods: RotationPeriodOptions

        func run() throws {
            let context = Context(options)
            let rules = try periods.rules()
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.perform(AnnotateOwner(.client, name, tags: [], note: note, rotate: rules), access)
            try context.receipt("OAuth 2.0 client '\(name)' annotated", ["name": .string(name)])
        }
    }

    struct UsedBy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "used-by", abstract: "List the connections that use a client. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            for user in try context.answer(ListClientUsers(of: name), vault) {
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
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run() throws { try OwnerRemoval(context: Context(options), kind: .client, name: name).run() }
    }
}
