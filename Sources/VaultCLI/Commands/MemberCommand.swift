import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member`: manages the members of a vault.
struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "Manage the members of this vault: people and machines.",
        discussion: """
            ROLES:
              admin     everything, including members, policies and the master key
              user      opens and uses secrets; creates and edits connections
              writer    creates and edits connections; can't open secrets
              auditor   reads settings and the ledger, and verifies
            """,
        subcommands: [
            MemberRequestCommand.self, MemberAddCommand.self, List.self, ChangeRole.self, Remove.self,
        ])

    struct List: Command {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the members with their roles, slots and grants. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            let members = try context.open().perform(ListMembers())
            try context.write(members, MemberInfo.headers, json: \.json, cells: \.cells)
        }
    }

    struct ChangeRole: Command {
        static let configuration = CommandConfiguration(
            commandName: "role", abstract: "Change a member's role.",
            discussion:
                "If the member may no longer open secrets, the master key is rotated, as after a removal.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the member.") var name: String
        @Argument(help: "The role: admin, user, writer or auditor.") var role: String

        func run(_ context: Context) throws {
            let role = try Role(argument: role)
            try context.changeMember(name, by: VaultCore.ChangeRole(of: name, to: role))
        }
    }

    struct Remove: Command {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a member, and list the secrets that they may know.",
            discussion: """
                If the member could open secrets, the master key is rotated. Replace the listed secrets at the provider: the \
                member may have copies.
                """)
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the member.") var name: String

        func run(_ context: Context) throws { try context.changeMember(name, by: RemoveMember(name)) }
    }
}

extension Role {
    init(argument text: String) throws {
        guard let role = Role(rawValue: text) else {
            throw Failure.usage("unknown role '\(text)'").next("use admin, user, writer or auditor")
        }
        self = role
    }
}
