import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry
import VaultWire

/// `vault connection`: what the vault is for.
struct ConnectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Connections: their settings in plain text, their secrets sealed to them.",
        subcommands: [
            Create.self, List.self, Show.self, Edit.self, Annotate.self, Clone.self, History.self,
            UsedBy.self, Test.self,
            Remove.self,
        ], aliases: ["conn"])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Register a connection; what is missing is asked as a form.",
            discussion: """
                printf %s "$APP_KEY" | vault connection create celonis --name 'Celonis prod' \\
                    --set api-type=intelligence --set domain=https://team.eu-1.celonis.cloud/ \\
                    --set auth-type=custom --secret app-key=stdin
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The system, as in 'vault connector list'.") var connector: String
        @Option(help: "The connection's name: clear, unique, at most 100 characters.") var name: String?
        @OptionGroup var flags: OwnerFlags
        @Option(help: ArgumentHelp("A tag.", valueName: "key=value")) var tag: [String] = []
        @Option(help: "A note.") var note: String?
        @Flag(help: "Test it first, and store it only if that works.") var test = false

        func run() throws {
            let tags = try Assignments.pairs(tag, option: "--tag").map {
                Owner.Tag(key: $0.key, value: $0.value)
            }
            try OwnerCreation(
                context: Context(options), kind: .connection, connectorName: connector, name: name,
                flags: flags,
                tags: tags, note: note ?? "", isTested: test
            ).run()
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List connections, by name. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @OptionGroup var flags: ListFlags

        func run() throws {
            try OwnerListing(context: Context(options), kind: .connection).run(try flags.filter())
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a connection, without its secrets. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String

        func run() throws { try OwnerShow(context: Context(options), kind: .connection, name: name).run() }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "edit",
            abstract: "Change settings; every secret is asked for again, since it is sealed to them.",
            discussion: "An empty value takes a setting away. --set name=NEW renames.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String
        @OptionGroup var flags: OwnerFlags

        func run() throws {
            try OwnerEdit(context: Context(options), kind: .connection, name: name, flags: flags).run()
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send the connector's test request, and say what it showed.",
            discussion: "Ends with 0 when the connection works, and with 3 and the reason when it does not.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let agent = try secrets.networkAgent(context, try context.open())
            let outcome = try context.failing { () throws(VaultError) in try agent.ask(TestConnection(name)) }
            try TestReport(name: name, outcome: outcome).tell(context)
        }
    }

    struct Clone: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clone",
            abstract: "Register a connection with another one's settings; secrets are never copied.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection whose settings are copied.") var source: String
        @Option(help: "The new connection's name.") var name: String
        @OptionGroup var flags: OwnerFlags

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let original = try context.failing { () throws(VaultError) in
                try vault.showSigned(.connection, source)
            }
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

    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "history", abstract: "Who did what to a connection, oldest first. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            var story = Story()
            var failure: OutputError?
            try context.failing { () throws(VaultError) in
                try vault.history(.connection, name) { entry in
                    guard failure == nil else { return }
                    guard context.json else { return story.add(entry) }
                    do throws(OutputError) { try context.output.json(EntryView(entry: entry).json) } catch {
                        failure = error
                    }
                }
            }
            if let failure { throw failure }
            if !context.json { try story.write(to: context.output) }
            try context.output.flush()
        }
    }

    struct UsedBy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "used-by",
            abstract: "Who has used a connection, how often, and when last. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            var uses: [Use] = []
            try context.failing { () throws(VaultError) in
                try vault.history(.connection, name) { entry in
                    guard let use = entry.action.use else { return }
                    let program = entry.change.details["program"]?.string ?? ""
                    // A proxy's entry tells how many requests there were since the one before.
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
            }
            var table = Table(["WHO", "USE", "PROGRAM", "TIMES", "LAST"])
            for use in uses {
                if context.json {
                    try context.output.json(use.json)
                } else {
                    table.add([use.member, use.use, use.program, String(use.count), use.last.text])
                }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
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

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a connection and its secrets.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String

        func run() throws { try OwnerRemoval(context: Context(options), kind: .connection, name: name).run() }
    }
}
