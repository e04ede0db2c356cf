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
            UsedBy.self, Test.self,
            Remove.self,
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
        @Option(help: ArgumentHelp("Set a tag; repeatable.", valueName: "key=value")) var tag: [String] = []
        @Option(help: "Set the note.") var note: String?
        @Flag(help: "Test the connection, and store it only if the test passes.") var test = false

        func run(_ context: Context) throws {
            let tags = try Assignments.tags(tag)
            try OwnerCreation(
                context: context, kind: .connection, connectorName: connector, name: name,
                flags: flags,
                tags: tags, note: note ?? "", isTested: test
            ).run()
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

        func run(_ context: Context) throws {
            try OwnerListing(context: context, kind: .connection).run(try flags.filter())
        }
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

        func run(_ context: Context) throws {
            try OwnerEdit(context: context, kind: .connection, name: name, flags: flags).run()
        }
    }

    struct Test: Command {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send the connector's test request.",
            discussion: "Exits with 0 if the test passes, and with 3 and the reason if it fails.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws {
            let agent = try CommandSecrets(context).networkAgent(context, context.open())
            try TestReport(name: name, outcome: agent.send(TestConnection(name))).write(to: context)
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
            let vault = try context.open()
            let original = try vault.perform(ShowOwner(.connection, source, verified: true))
            let changed = Set(try Assignments.settings(flags.settings).keys)
            var copy = flags
            copy.settings += original.settings.filter { !changed.contains($0.key) }.flatMap { setting in
                setting.value.values.map { "\(setting.key)=\($0)" }
            }
            try OwnerCreation(
                context: context, kind: .connection, connectorName: original.connector, name: name,
                flags: copy,
                tags: original.tags, note: original.note
            ).run()
        }
    }

    struct History: Command {
        static let configuration = CommandConfiguration(
            commandName: "history", abstract: "Show who did what to a connection, oldest first. Needs no key."
        )
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connection.") var name: String

        func run(_ context: Context) throws {
            let vault = try context.open()
            var history = ConnectionHistory()
            try ShowHistory(.connection, name).forEach(in: vault) { entry in
                guard context.json else { return history.add(entry) }
                try context.output.json(EntryView(entry: entry).json)
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
            let vault = try context.open()
            var uses: [Use] = []
            try ShowHistory(.connection, name).forEach(in: vault) { entry in
                guard let use = entry.action.use else { return }
                let program = entry.change.details["program"]?.string ?? ""
                // A proxy's entry counts the requests since the one before.
                let times = use == "proxy" ? entry.change.details["requests"]?.integer ?? 0 : 1
                if let place = uses.firstIndex(where: {
                    $0.member == entry.actor.name && $0.program == program && $0.use == use
                }) {
                    uses[place].count += Int(times)
                    uses[place].last = entry.time
                } else {
                    uses.append(
                        Use(
                            member: entry.actor.name, use: use, program: program, count: Int(times),
                            last: entry.time))
                }
            }
            try context.write(uses, ["WHO", "USE", "PROGRAM", "TIMES", "LAST"], json: \.json) {
                [$0.member, $0.use, $0.program, String($0.count), $0.last.text]
            }
        }

        private struct Use {
            let member: String
            let use: String
            let program: String
            var count: Int
            var last: Timestamp

            var json: JSON {
                [
                    "last": .string(last.text), "program": .string(program), "schema": 1,
                    "times": .integer(Int64(count)), "use": .string(use), "who": .string(member),
                ]
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
