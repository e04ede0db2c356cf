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

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the members with their roles, slots and grants. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let members = try context.answer(ListMembers(), vault)
            var table = Table(MemberView.headers)
            for member in members {
                let view = MemberView(member: member)
                if context.json { try context.output.json(view.json) } else { table.add(view.cells) }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }

    struct ChangeRole: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "role", abstract: "Change a member's role.",
            discussion:
                "If the member may no longer open secrets, the master key is rotated, as after a removal.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the member.") var name: String
        @Argument(help: "The role: admin, user, writer or auditor.") var role: String

        func run() throws {
            let context = Context(options)
            let role = try Role(argument: role)
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let known = try context.answer(ListKnownSecrets(of: name), vault)
            let receipt = try MemberChangeReport.warningIfPartial(name, vault) { () throws(Failure) in
                try context.perform(VaultCore.ChangeRole(of: name, to: role), access)
            }
            try MemberChangeReport(receipt: receipt, known: receipt.rotation == nil ? [] : known).write(
                to: context)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a member, and list the secrets that they may know.",
            discussion: """
                If the member could open secrets, the master key is rotated. Replace the listed secrets at the provider: the \
                member may have copies.
                """)
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The name of the member.") var name: String

        func run() throws {
            let context = Context(options)
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let known = try context.answer(ListKnownSecrets(of: name), vault)
            let receipt = try MemberChangeReport.warningIfPartial(name, vault) { () throws(Failure) in
                try context.perform(RemoveMember(name), access)
            }
            try MemberChangeReport(receipt: receipt, known: known).write(to: context)
        }
    }
}

extension Role {
    init(argument text: String) throws(Failure) {
        guard let role = Role(rawValue: text) else {
            throw Failure(.usage, "unknown role '\(text)'", next: "use admin, user, writer or auditor")
        }
        self = role
    }
}
