import ArgumentParser
import VaultCore

/// The table of contents: every command of the program, a file each under `Commands`.
struct VaultCommand: ParsableCommand {
    static let version = ProgramVersion.text

    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Connections and their secrets: stored, rotated, used and audited, and never read back.",
        discussion: """
            Begin with:  vault init
            then:        vault connection create celonis
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "The vault",
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
                name: "Using them",
                subcommands: [
                    ExecCommand.self, RequestCommand.self, ProxyCommand.self, TokenCommand.self,
                ]),
            CommandGroup(
                name: "Keys and the ledger",
                subcommands: [KeyCommand.self, SlotCommand.self, MemberCommand.self, AuditCommand.self]),
            CommandGroup(
                name: "Moving data",
                subcommands: [BackupCommand.self, ImportCommand.self, ExportCommand.self]),
            CommandGroup(name: "The shell", subcommands: [CompletionCommand.self]),
        ])
}

extension VaultCommand {
    /// The command that these arguments name, with its options.
    ///
    /// The words that lead to it are followed here, and its own parser reads the rest: that is half of the work of
    /// parsing from the root. Help, and what does not parse, is the root's to tell, since it knows the whole path.
    static func command(of arguments: [String]) throws -> any ParsableCommand {
        var leaf: any ParsableCommand.Type = VaultCommand.self
        var rest = arguments[...]
        while let word = rest.first,
            let next = leaf.configuration.subcommands.first(where: {
                $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
            })
        {
            leaf = next
            rest = rest.dropFirst()
        }
        let isLeaf = leaf.configuration.subcommands.isEmpty
        if isLeaf, let command = try? leaf.parse(Array(rest)) { return command }
        return try parseAsRoot(arguments)
    }
}
