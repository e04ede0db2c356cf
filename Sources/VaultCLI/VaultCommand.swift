import ArgumentParser

/// The table of contents: every command of the program, a file each under `Commands`.
struct VaultCommand: ParsableCommand {
    static let version = "0.1.0"

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
                name: "The vault", subcommands: [InitCommand.self, StatusCommand.self, DoctorCommand.self]),
            CommandGroup(
                name: "Connections",
                subcommands: [
                    ConnectorCommand.self, ConnectionCommand.self, ClientCommand.self, SecretCommand.self,
                ]),
            CommandGroup(name: "Using them", subcommands: [ExecCommand.self]),
            CommandGroup(
                name: "Keys and the ledger",
                subcommands: [KeyCommand.self, SlotCommand.self, MemberCommand.self, AuditCommand.self]),
            CommandGroup(name: "Moving data", subcommands: [ExportCommand.self]),
            CommandGroup(name: "The shell", subcommands: [CompletionCommand.self]),
        ])
}
