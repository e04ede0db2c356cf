import ArgumentParser
import VaultCore

/// `vault client`: OAuth 2.0 clients, which connections share.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Manage OAuth 2.0 clients, which connections share.",
        subcommands: [Create.self, List.self, Show.self, Edit.self, Annotate.self, UsedBy.self, Remove.self])

    struct Create: Command, ExampleProviding {
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

        func run(_ context: Context) throws {
            let draft = OwnerDraft(.client, connector: connector, name: "", settings: [:])
            try OwnerCreation(context: context, draft: draft, name: name, flags: flags).run()
        }
    }

    struct List: Command {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List OAuth 2.0 clients, by name. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @OptionGroup var flags: ListOptions

        func run(_ context: Context) throws { try context.list(.client, flags.filter()) }
    }

    struct Show: Command {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a client without its secret. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run(_ context: Context) throws { try context.show(.client, name) }
    }

    struct Edit: Command {
        static let configuration = CommandConfiguration(
            commandName: "edit", abstract: "Change a client's settings. Needs its secret again.",
            discussion: "An empty value removes a setting. --set name=NEW renames the client.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String
        @OptionGroup var flags: OwnerOptions

        func run(_ context: Context) throws { try context.edit(.client, name, flags) }
    }

    struct Annotate: Command {
        static let configuration = CommandConfiguration(
            commandName: "annotate",
            abstract: "Change a client's note and rotation period. Needs no secret.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String
        @Option(help: "Set the note; an empty one removes it.") var note: String?
        @OptionGroup var periods: RotationPeriodOptions

        func run(_ context: Context) throws {
            let rules = try periods.rules()
            try context.perform(AnnotateOwner(.client, name, tags: [], note: note, rotate: rules))
            try context.receipt("OAuth 2.0 client '\(name)' annotated", ["name": name])
        }
    }

    struct UsedBy: Command {
        static let configuration = CommandConfiguration(
            commandName: "used-by", abstract: "List the connections that use a client. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run(_ context: Context) throws {
            let users = try context.open().perform(ListClientUsers(of: name))
            try context.write(users, json: { ["connection": $0] }, lines: { [$0] })
        }
    }

    struct Remove: Command {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a client that no connection uses.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the client.") var name: String

        func run(_ context: Context) throws { try context.remove(.client, name) }
    }
}
