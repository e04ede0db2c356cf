import ArgumentParser
import VaultCore
import VaultRegistry

/// `vault connector`: manages connectors, the definitions of systems.
struct ConnectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector", abstract: "Manage connectors, which define the systems to connect to.",
        subcommands: [List.self, Show.self, Add.self, Lint.self, Remove.self])

    struct List: Command {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List connectors.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            let all: [ConnectorInfo]
            do { all = try context.open().perform(ListConnectors()) } catch .file(.noVault) {
                all = ListConnectors.builtIn
            }
            try context.write(all, ["NAME", "SYSTEM", "FROM"]) {
                ["built_in": $0.isBuiltIn, "name": $0.name, "summary": $0.summary, "title": $0.title]
            } cells: {
                [$0.name, $0.title, $0.isBuiltIn ? "built in" : "this vault"]
            }
        }
    }

    struct Show: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a connector's settings, secrets and variables.")
        static let examples = [
            "vault connector show celonis", "vault connector show http --source > own.yaml",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connector.") var name: String
        @Flag(help: "Print the connector file instead, as a template for your own.") var source = false

        func run(_ context: Context) throws {
            if source {
                let builtIn = Connector.builtInSource(named: name)
                try context.output.write(builtIn ?? context.open().perform(ShowConnectorSource(name)))
                try context.output.flush()
            } else {
                let builtIn = Connector.builtIn(named: name)
                try (builtIn ?? context.open().perform(ShowConnector(name))).write(to: context)
            }
        }
    }

    struct Add: Command {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add your own connector file to this vault.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connector file (see docs/connectors.md).", valueName: "file"))
        var path: String

        func run(_ context: Context) throws {
            let source = try TextFile.contents(of: path)
            let name = try context.perform(AddConnector(source, from: path))
            try context.receipt("connector '\(name)' added", ["name": name])
        }
    }

    struct Lint: Command {
        static let configuration = CommandConfiguration(
            commandName: "lint", abstract: "Report the errors in a connector file.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connector file, or '-' for stdin.") var file: String

        func run(_ context: Context) throws {
            let found = Connector.lint(try TextFile.contents(of: file))
            if found.isEmpty, !context.json { try context.output.lines(["\(file): no errors"]) }
            try context.write(found) {
                [
                    "column": $0.column, "hint": $0.hint.orNull, "line": $0.line, "message": $0.message,
                    "severity": $0.severity.rawValue,
                ]
            } lines: {
                ["\(file):\($0.line):\($0.column): \($0.severity.rawValue): \($0.message)"]
                    + ($0.hint.map { ["  \($0)"] } ?? [])
            }
            if found.contains(where: { $0.severity == .error }) { throw ExitStatus(.usage) }
        }
    }

    struct Remove: Command {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove your own connector from this vault.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connector.") var name: String

        func run(_ context: Context) throws {
            do { try context.perform(RemoveConnector(name)) } catch VaultError.connector(.taken) {
                throw Failure.alreadyExists("built-in connectors can't be removed")
                    .next("vault connector list")
            }
            try context.receipt("connector '\(name)' removed", ["name": name])
        }
    }
}
