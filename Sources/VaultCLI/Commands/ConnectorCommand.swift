import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault connector`: the systems that connections can be made to.
struct ConnectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector", abstract: "The systems that connections can be made to.",
        subcommands: [List.self, Show.self, Add.self, Lint.self, Remove.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the connectors.")
        @OptionGroup var options: GlobalOptions

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
                    table.add([info.name, info.title, info.isBuiltIn ? "the program" : "this vault"])
                }
                try context.output.table(table)
            }
            try context.output.flush()
        }

        /// Without a vault there are still the ones that come with the program.
        private func connectors(_ context: Context) throws(Failure) -> [ConnectorInfo] {
            do throws(Failure) {
                let vault = try context.open()
                return try context.failing { () throws(VaultError) in try vault.connectors() }
            } catch {
                guard error.code == .noVault else { throw error }
                return Vault.builtInConnectors()
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a connector's form, or with --source its file.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connector's name.") var name: String
        @Flag(help: "Print the connector file, as a pattern for your own.") var source = false

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
            if let builtIn = Connector.builtIn(name) { return builtIn }
            let vault = try context.open()
            return try context.failing { () throws(VaultError) in try vault.connector(named: name) }
        }

        private func text(_ context: Context) throws(Failure) -> String {
            if let builtIn = Connector.builtInYAML(name) { return builtIn }
            let vault = try context.open()
            return try context.failing { () throws(VaultError) in try vault.connectorSource(name) }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add your own connector file to this vault.")
        @OptionGroup var options: GlobalOptions
        @Argument(
            help: ArgumentHelp("The file (docs/connectors.md says how to write one).", valueName: "file"))
        var path: String

        func run() throws {
            let context = Context(options)
            let source = try TextFile.contents(of: path)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let name = try context.perform(AddConnector(source, from: path), access)
            try context.receipt("connector '\(name)' added", ["name": .string(name)])
        }
    }

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lint", abstract: "Explain every mistake in a connector file.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The file.") var file: String

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
                try context.output.line("\(SafeText.escaped(file)): nothing wrong")
            }
            try context.output.flush()
            if found.contains(where: { $0.severity == .error }) { throw ExitStatus(.usage) }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take a connector of yours out of this vault.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connector's name.") var name: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.perform(RemoveConnector(name), access)
            try context.receipt("connector '\(name)' removed", ["name": .string(name)])
        }
    }
}
