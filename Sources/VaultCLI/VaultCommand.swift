import ArgumentParser
import VaultCore

struct VaultCommand: ParsableCommand, ExampleProviding {
    static let version = ProgramVersion.text

    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract:
            "Store, rotate, use and audit the secrets of connections. Stored secrets can't be read back.",
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Vault",
                subcommands: [
                    InitCommand.self, UnlockCommand.self, LockCommand.self, AgentCommand.self,
                    StatusCommand.self, DoctorCommand.self,
                ]),
            CommandGroup(
                name: "Connections",
                subcommands: [
                    ConnectorCommand.self, ConnectionCommand.self, ClientCommand.self, SecretCommand.self,
                    RotateCommand.self, DueCommand.self,
                ]),
            CommandGroup(
                name: "Use",
                subcommands: [ExecCommand.self, RequestCommand.self, ProxyCommand.self, TokenCommand.self]),
            CommandGroup(
                name: "Keys and the ledger",
                subcommands: [KeyCommand.self, SlotCommand.self, MemberCommand.self, AuditCommand.self]),
            CommandGroup(
                name: "Backup and exchange",
                subcommands: [BackupCommand.self, ImportCommand.self, ExportCommand.self]),
            CommandGroup(name: "Shell", subcommands: [CompletionCommand.self]),
        ])

    static let examples = [
        "vault init",
        "vault connection create celonis",
        "vault exec 'Celonis prod' -- printenv CELONIS_URL",
    ]
}

/// A command with the global options.
protocol Command: ParsableCommand {
    var options: GlobalOptions { get }

    func run(_ context: Context) throws
}

extension Command {
    func run() throws { try run(Context(options.values)) }
}

/// A command with examples at the end of its help.
protocol ExampleProviding: ParsableCommand {
    /// Command lines, printed as they are: the parser would wrap them, and a wrapped one can't be pasted.
    static var examples: [String] { get }
}

extension VaultCommand {
    /// Parses the command that the arguments name.
    ///
    /// Descending to the leaf command here and parsing only the rest takes half the time of parsing from the root.
    /// Help and parse errors need the whole path, so they come from the root.
    static func command(of arguments: [String]) throws -> any ParsableCommand {
        let (leaf, rest) = descend(arguments)
        let isLeaf = leaf.configuration.subcommands.isEmpty
        if isLeaf, let command = try? leaf.parse(Array(rest)) { return command }
        return try parseAsRoot(arguments)
    }

    /// The parser's help or version. In help, the global options come after the command's own, the usage line doesn't
    /// list them, and examples come at the end.
    static func helpText(for error: any Error, _ arguments: [String], columns: Int?) -> String {
        let text = fullMessage(for: error, columns: columns)
        guard text.hasPrefix("OVERVIEW: ") else { return text }
        var sections = text.split(separator: "\n\n").map {
            $0.hasSuffix("\n") ? String($0.dropLast()) : String($0)
        }
        if let global = sections.firstIndex(where: { $0.hasPrefix("GLOBAL OPTIONS:") }) {
            sections.append(sections.remove(at: global))
        }
        if let usage = sections.firstIndex(where: { $0.hasPrefix("USAGE:") }),
            let first = sections[usage].firstRange(of: "[--vault <path>]"),
            let last = sections[usage].firstRange(of: "[--reason <text>]")
        {
            sections[usage].replaceSubrange(first.lowerBound..<last.upperBound, with: "[<options>]")
        }
        let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
        if let command = descend(Array(words)).command as? any ExampleProviding.Type {
            sections.append((["EXAMPLES:"] + command.examples.map { "  \($0)" }).joined(separator: "\n"))
        }
        return sections.joined(separator: "\n\n")
    }

    private static func descend(
        _ arguments: [String]
    ) -> (command: any ParsableCommand.Type, rest: ArraySlice<String>) {
        var command: any ParsableCommand.Type = VaultCommand.self
        var rest = arguments[...]
        while let word = rest.first,
            let next = command.configuration.subcommands.first(where: {
                $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
            })
        {
            command = next
            rest = rest.dropFirst()
        }
        return (command, rest)
    }
}
