import ArgumentParser
import VaultCore
import VaultLedger

/// `vault status`: where the vault is, and whether it is open.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Where the vault is, and whether it is open (exit 0) or locked (exit 11).")

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let context = Context(options)
        let vault = try context.open()
        let key = try context.failing { () throws(VaultError) in try vault.keyStatus() }
        let secrets = key.secrets.reduce(0) { $0 + $1.count }
        let own = try oneself(vault, context)
        if context.json {
            try context.output.json([
                "entries": .integer(Int64(vault.size)), "epoch": .integer(Int64(key.epoch)),
                "member": own.map { .object($0.own) } ?? .null,
                "members": .array(vault.state.members.map { .string($0.name) }), "path": .string(vault.path),
                "rotating": .bool(key.retiring != nil), "schema": 1, "secrets": .integer(Int64(secrets)),
                "state": "locked", "vault": .string(Identifiers.hex(vault.id)),
            ])
        } else {
            let output = context.output
            try output.line("vault    \(SafeText.escaped(vault.path))")
            try output.line("id       \(Identifiers.hex(vault.id))")
            try output.line("state    locked: each command unlocks for itself")
            if let own {
                try output.line(
                    "you      \(own.member.name), \(own.member.role.withArticle) (\(own.slots)); holds \(own.grants)"
                )
            }
            try output.line("members  \(vault.state.members.map(\.name).joined(separator: ", "))")
            try output.line("ledger   \(vault.size) entries, verified")
            try output.line(
                "secrets  \(secrets), under master key \(key.epoch)\(key.retiring == nil ? "" : " (a rotation goes on)")"
            )
        }
        try context.output.flush()
        throw ExitStatus(.locked)
    }

    /// Whoever is asking; nil where nothing says which member that is.
    private func oneself(_ vault: Vault, _ context: Context) throws(Failure) -> MemberView? {
        guard let member = try? vault.member(named: context.memberName) else { return nil }
        return MemberView(
            member: try context.failing { () throws(VaultError) in try vault.info(of: member) })
    }
}
