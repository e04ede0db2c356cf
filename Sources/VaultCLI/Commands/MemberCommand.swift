import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member`: the people and machines of a vault.
struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "The people and machines of this vault.", subcommands: [List.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the members and their roles. Needs no key.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let granted = try context.failing { () throws(VaultError) in try vault.keyStatus() }.members
            var table = Table(["NAME", "ROLE", "SLOTS", "MAY OPEN"])
            for member in vault.state.members {
                if context.json {
                    try context.output.json([
                        "id": .string(member.id.hex), "may_open": .bool(granted.contains(member.name)),
                        "name": .string(member.name), "role": .string(member.role.rawValue), "schema": 1,
                        "slots": .integer(Int64(member.slots.count)),
                    ])
                } else {
                    table.add([
                        member.name, member.role.rawValue, String(member.slots.count),
                        granted.contains(member.name) ? "yes" : "no",
                    ])
                }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }
}
