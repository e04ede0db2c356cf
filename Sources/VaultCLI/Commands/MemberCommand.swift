import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member`: the people and machines of a vault.
struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "The people and machines of this vault.",
        discussion: """
            admin     everything, and members, roles, the master key
            user      opens and uses secrets; creates and edits connections
            writer    creates and edits connections, and puts secrets in that they cannot open
            auditor   reads settings and the ledger, and verifies
            """,
        subcommands: [
            MemberRequestCommand.self, MemberAddCommand.self, List.self, ChangeRole.self, Remove.self,
        ])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the members: role, ways to unlock, keys that they hold. Needs no key.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let members = try context.failing { () throws(VaultError) in try vault.members() }
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
            commandName: "role", abstract: "Give a member another role.",
            discussion: "Who may open no longer is kept out by a new master key, as after a removal.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The member's name.") var name: String
        @Argument(help: "admin, user, writer or auditor.") var role: String

        func run() throws {
            let context = Context(options)
            let role = try Role(argument: role)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let known = try context.failing { () throws(VaultError) in try vault.knownOwners(to: name) }
            let receipt = try Departure.watching(name, vault) { () throws(Failure) in
                try context.perform(GiveRole(role, to: name), access)
            }
            try Departure(receipt: receipt, known: receipt.rotation == nil ? [] : known).tell(context)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a member, and say which secrets they know.",
            discussion: """
                Who could open is kept out of what comes by a new master key. No vault can take back what they have
                seen: what is listed afterwards has to be replaced at the provider.
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The member's name.") var name: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let known = try context.failing { () throws(VaultError) in try vault.knownOwners(to: name) }
            let receipt = try Departure.watching(name, vault) { () throws(Failure) in
                try context.perform(RemoveMember(name), access)
            }
            try Departure(receipt: receipt, known: known).tell(context)
        }
    }
}

extension Role {
    init(argument text: String) throws(Failure) {
        guard let role = Role(rawValue: text) else {
            throw Failure(.usage, "there is no such role", next: "admin, user, writer or auditor")
        }
        self = role
    }
}
