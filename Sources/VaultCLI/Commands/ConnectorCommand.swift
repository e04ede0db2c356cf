import ArgumentParser
import VaultCore
import VaultLedger
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
            do { all = try context.open().perform(ListConnectors()) } catch {
                guard case .file(.noVault) = error else { throw error }
                all = ListConnectors.builtIn
            }
            try context.write(all, ["NAME", "SYSTEM", "FROM"]) {
                [
                    "built_in": .bool($0.isBuiltIn), "name": .string($0.name), "schema": 1,
                    "summary": .string($0.summary), "title": .string($0.title),
                ]
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
                try context.output.write(try text(context))
            } else {
                try ConnectorView(connector: try connector(context)).write(to: context)
            }
            try context.output.flush()
        }

        private func connector(_ context: Context) throws -> Connector {
            if let builtIn = Connector.builtIn(named: name) { return builtIn }
            return try context.open().perform(ShowConnector(name))
        }

        private func text(_ context: Context) throws -> String {
            if let builtIn = Connector.builtInSource(named: name) { return builtIn }
            return try context.open().perform(ShowConnectorSource(name))
        }
    }

    struct Add: Command {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add your own connector file to this vault.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(
            help: ArgumentHelp("The connector file (see docs/connectors.md).", valueName: "file"))
        var path: String

        func run(_ context: Context) throws {
            let source = try TextFile.contents(of: path)
            let name = try context.perform(AddConnector(source, from: path))
            try context.receipt("connector '\(name)' added", ["name": .string(name)])
        }
    }

    struct Lint: Command {
        static let configuration = CommandConfiguration(
            commandName: "lint", abstract: "Report the errors in a connector file.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connector file, or '-' for stdin.") var file: String

        func run(_ context: Context) throws {
            let found = Connector.lint(try TextFile.contents(of: file))
            for diagnostic in found {
                if context.json {
                    try context.output.json([
                        "column": .integer(Int64(diagnostic.column)),
                        "hint": diagnostic.hint.map(JSON.string) ?? .null,
                        "line": .integer(Int64(diagnostic.line)), "message": .string(diagnostic.message),
                        "schema": 1,
                        "severity": .string(diagnostic.severity.rawValue),
                    ])
                } else {
                    try context.output.line(
                        SafeText.escaped(
                            "\(file):\(diagnostic.line):\(diagnostic.column): \(diagnostic.severity.rawValue): \(diagnostic.message)"
                        ))
                    if let hint = diagnostic.hint { try context.output.line("  " + SafeText.escaped(hint)) }
                }
            }
            if found.isEmpty, !context.json {
                try context.output.line("\(SafeText.escaped(file)): no errors")
            }
            try context.output.flush()
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
                throw Failure(
                    .alreadyExists, "built-in connectors can't be removed", next: "vault connector list")
            }
            try context.receipt("connector '\(name)' removed", ["name": .string(name)])
        }
    }
}
