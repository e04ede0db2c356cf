import ArgumentParser
import VaultCore
import VaultLedger
import VaultWire
import VaultRegistry

/// `vault connection`: manages connections.
struct ConnectionCommand: ParsableCommand, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Manage connections: plain-text settings, and secrets sealed to them.",
        subcommands: [
            Create.self, List.self, Show.self, Edit.self, Annotate.self, Clone.self, History.self,
            UsedBy.self, Test.self, Remove.self,
        ], aliases: ["conn"])

    static let examples = [
        "vault connection create celonis",
        "vault connection list --tag team=finance",
        "vault connection show 'Celonis prod'",
    ]

    struct Create: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a connection. Prompts for missing values.",
            discussion:
                "The settings and secrets depend on the connector: see 'vault connector show CONNECTOR'.")
        static let examples = [
            "vault connection create celonis",
            "printf %s \"$APP_KEY\" | vault connection create celonis --name 'Celonis prod' \\",
            "    --set api-type=intelligence --set domain=https://team.eu-1.celonis.cloud/ \\",
            "    --set auth-type=custom --secret app-key=stdin",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connector (see 'vault connector list').") var connector: String
        @Option(help: "The connection's name: unique, at most 100 characters.") var name: String?
        @OptionGroup var flags: OwnerOptions
        @Option(help: .init("Set a tag; repeatable.", valueName: "key=value")) var tag: [String] = []
        @Option(help: "Set the note.") var note: String?
        @Flag(help: "Test the connection, and store it only if the test passes.") var test = false

        func run(_ context: Context) throws {
            let draft = OwnerDraft(
                .connection, connector: connector, name: "", settings: [:], tags: try Assignments.tags(tag),
                note: note ?? "")
            try OwnerCreation(context: context, draft: draft, name: name, flags: flags, isTested: test).run()
        }
    }

    struct List: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List connections by name. Needs no key.")
        static let examples = [
            "vault connection list --connector celonis --tag team=finance",
            "vault connection list --search nightly --json",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @OptionGroup var flags: ListOptions

        func run(_ context: Context) throws { try context.list(.connection, flags.filter()) }
    }

    struct Show: Command {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a connection without its secrets. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws { try context.show(.connection, name) }
    }

    struct Edit: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "edit",
            abstract:
                "Change settings. Needs every secret again, because secrets are sealed to the settings.",
            discussion: "An empty value removes a setting. --set name=NEW renames the connection.")
        static let examples = [
            "vault connection edit 'Celonis prod' --set domain=team.us-1.celonis.cloud --secret app-key=prompt",
            "vault connection edit 'Celonis prod' --set name='Celonis live' --secret app-key=file:key.txt",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String
        @OptionGroup var flags: OwnerOptions

        func run(_ context: Context) throws { try context.edit(.connection, name, flags) }
    }

    struct Test: Command {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send the connector's test request.",
            discussion: "Exits with 0 if the test passes, and with 3 and the reason if it fails.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws {
            let agent = try CommandSecrets(context).networkAgent(context, context.open())
            try agent.perform(TestConnection(name)).write(of: name, to: context)
        }
    }

    struct Clone: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "clone",
            abstract: "Create a connection with the settings of another one. Secrets are never copied.")
        static let examples = [
            "vault connection clone 'Celonis prod' --name 'Celonis test' "
                + "--set domain=test.eu-1.celonis.cloud --secret app-key=prompt"
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connection to copy the settings from.") var source: String
        @Option(help: "The name of the new connection.") var name: String
        @OptionGroup var flags: OwnerOptions

        func run(_ context: Context) throws {
            let original = try context.open().perform(ShowOwner(.connection, source, verified: true))
            let draft = OwnerDraft(
                .connection, connector: original.connector, name: "",
                settings: original.settings.mapValues(\.values), tags: original.tags, note: original.note)
            try OwnerCreation(context: context, draft: draft, name: name, flags: flags).run()
        }
    }

    struct History: Command {
        static let configuration = CommandConfiguration(
            commandName: "history", abstract: "Show who did what to a connection, oldest first. Needs no key."
        )
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws {
            var history = ConnectionHistory()
            try ShowHistory(.connection, name).forEach(in: context.open()) { entry in
                guard context.json else { return history.add(entry) }
                try context.output.result(EntryView(entry: entry).json)
            }
            if !context.json { try history.write(to: context.output) }
            try context.output.flush()
        }
    }

    struct UsedBy: Command {
        static let configuration = CommandConfiguration(
            commandName: "used-by",
            abstract: "Show who has used a connection, how often, and when last. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws {
            var uses: [(member: String, use: String, program: String, times: Int64, last: Timestamp)] = []
            try ShowHistory(.connection, name).forEach(in: context.open()) { entry in
                guard let use = entry.action.use else { return }
                let member = entry.actor.name
                let program = entry.change.details["program"]?.string ?? ""
                // A proxy's entry counts the requests since the one before.
                let times = use == "proxy" ? entry.change.details["requests"]?.integer ?? 0 : 1
                let place = uses.firstIndex { ($0.member, $0.use, $0.program) == (member, use, program) }
                if let place {
                    uses[place].times += times
                    uses[place].last = entry.time
                } else {
                    uses.append((member, use, program, times, entry.time))
                }
            }
            try context.write(uses, ["WHO", "USE", "PROGRAM", "TIMES", "LAST"]) {
                ["last": $0.last, "program": $0.program, "times": $0.times, "use": $0.use, "who": $0.member]
            } cells: {
                [$0.member, $0.use, $0.program, String($0.times), $0.last.text]
            }
        }
    }

    struct Remove: Command {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a connection and its secrets.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws { try context.remove(.connection, name) }
    }
}
