import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault connector`: manages connectors, the definitions of systems.
struct ConnectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector", abstract: "Manage connectors, which define the systems to connect to.",
        subcommands: [List.self, Show.self, Add.self, Lint.self, Remove.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List connectors.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let all = try connectors(context)
            if context.json {
                for info in all {
                    try context.output.json([
                        "built_in": .bool(info.isBuiltIn), "name": .string(info.name), "schema": 1,
                        "summary": .string(info.summary), "title": .string(info.title),
                    ])
                }
            } else {
                var table = Table(["NAME", "SYSTEM", "FROM"])
                for info in all {
                    table.add([info.name, info.title, info.isBuiltIn ? "built in" : "this vault"])
                }
                try context.output.table(table)
            }
            try context.output.flush()
        }

        /// Without a vault, the built-in connectors.
        private func connectors(_ context: Context) throws(Failure) -> [ConnectorInfo] {
            do throws(Failure) {
                let vault = try context.open()
                return try context.answer(ListConnectors(), vault)
            } catch {
                guard error.code == .noVault else { throw error }
                return ListConnectors.builtIn
            }
        }
    }

    struct Show: ParsableCommand, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a connector's settings, secrets and variables.")
        static let examples = [
            "vault connector show celonis", "vault connector show http --source > own.yaml",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connector.") var name: String
        @Flag(help: "Print the connector file instead, as a template for your own.") var source = false

        func run() throws {
            let context = Context(options)
            if source {
                try context.output.write(try text(context))
            } else {
                try ConnectorView(connector: try connector(context)).write(to: context)
            }
            try context.output.flush()
        }

        private func connector(_ context: Context) throws(Failure) -> Connector {
            if let builtIn = Connector.builtIn(named: name) { return builtIn }
            let vault = try context.open()
            return try context.answer(ShowConnector(name), vault)
        }

        private func text(_ context: Context) throws(Failure) -> String {
            if let builtIn = Connector.builtInSource(named: name) { return builtIn }
            let vault = try context.open()
            return try context.answer(ShowConnectorSource(name), vault)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add your own connector file to this vault.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(
            help: ArgumentHelp("The connector file (see docs/connectors.md).", valueName: "file"))
        var path: String

        func run() throws {
            let context = Context(options)
            let source = try TextFile.contents(of: path)
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let name = try context.perform(AddConnector(source, from: path), access)
            try context.receipt("connector '\(name)' added", ["name": .string(name)])
        }
    }

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lint", abstract: "Report the errors in a connector file.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connector file, or '-' for stdin.") var file: String

        func run() throws {
            let context = Context(options)
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

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove your own connector from this vault.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the connector.") var name: String

        func run() throws {
            let context = Context(options)
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.perform(RemoveConnector(name), access)
            try context.receipt("connector '\(name)' removed", ["name": .string(name)])
        }
    }
}
