import ArgumentParser
import VaultCore
import VaultLedger
import VaultText
import VaultWire

/// `vault status`: shows the vault and its agent.
struct StatusCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the vault's file, and whether it is unlocked (exit 0) or locked (exit 11).")

    @OptionGroup(title: "Global options") var options: GlobalOptions

    func run(_ context: Context) throws {
        let vault = try context.open()
        try vault.checkLedgerIsComplete()
        let key = try vault.perform(ShowKeyStatus())
        let status = try context.agent()?.send(GetStatus())
        let own = try oneself(vault, context, status)
        try context.write(Self.json(vault, key, status, own)) { output in
            for (title, text) in Self.lines(vault, key, status, own) {
                let gap = String(repeating: " ", count: 9 - title.count)
                try output.line(title + gap + SafeText.escaped(text))
            }
        }
        if status?.session == nil { throw ExitStatus(.locked) }
    }

    private static func json(
        _ vault: Vault, _ key: KeyStatus, _ status: AgentStatus?, _ own: MemberView?
    ) -> JSON {
        [
            "agent": status.map { status in
                [
                    "locked_memory": status.lockedMemory.map(JSON.integer) ?? .null,
                    "memory_is_locked": .bool(status.memoryIsLocked),
                    "open_as": status.session.map { .string($0.member) } ?? .null,
                    "pid": .integer(Int64(status.pid)),
                    "since": status.session.map { .string($0.since.text) } ?? .null,
                    "until": status.session?.until.map { .string($0.text) } ?? .null,
                    "version": .string(status.version),
                ]
            } ?? .null,
            "entries": .integer(Int64(vault.size)), "epoch": .integer(Int64(key.epoch)),
            "member": own.map { .object($0.own) } ?? .null,
            "members": .array(vault.state.members.map { .string($0.name) }), "path": .string(vault.path),
            "rotating": .bool(key.retiring != nil), "schema": 1,
            "secrets": .integer(Int64(key.secrets.reduce(0) { $0 + $1.count })),
            "state": status?.session == nil ? "locked" : "open", "unsigned": .integer(Int64(key.unsigned)),
            "vault": .string(Hex.encode(vault.id)),
        ]
    }

    private static func lines(
        _ vault: Vault, _ key: KeyStatus, _ status: AgentStatus?, _ own: MemberView?
    ) -> [(title: String, text: String)] {
        let secrets = key.secrets.reduce(0) { $0 + $1.count }
        let rotating = key.retiring == nil ? "" : " (rotation in progress)"
        return [("vault", vault.path), ("id", Hex.encode(vault.id)), ("state", state(status))]
            + agent(status) + you(own) + [
                ("members", vault.state.members.map(\.name).joined(separator: ", ")),
                ("ledger", "\(counted(vault.size, "entry", plural: "entries")), verified"),
                ("secrets", "\(secrets), under master key \(key.epoch)\(rotating)"),
            ] + unsigned(key)
    }

    private static func unsigned(_ key: KeyStatus) -> [(title: String, text: String)] {
        guard key.unsigned > 0 else { return [] }
        return [
            (
                "unsigned",
                key.isSignedNext
                    ? "\(key.unsigned) of these, sealed by an older version; the next change or use signs them"
                    : "\(key.unsigned) of these; 'vault audit verify' lists them"
            )
        ]
    }

    private static func state(_ status: AgentStatus?) -> String {
        guard let open = status?.session else {
            return "locked; each command unlocks for itself, or run: vault unlock"
        }
        let until = open.until.map { "until \($0.text)" } ?? "until the agent ends"
        return "unlocked as \(open.member) since \(open.since.text), \(until)"
    }

    private static func agent(_ status: AgentStatus?) -> [(title: String, text: String)] {
        guard let status else { return [] }
        let held = status.lockedMemory.map { "\(($0 + 1023) / 1024) KiB of locked memory" }
        let memory = status.memoryIsLocked ? held : "memory is not locked"
        return [("agent", "process \(status.pid)" + (memory.map { ", \($0)" } ?? ""))]
    }

    private static func you(_ own: MemberView?) -> [(title: String, text: String)] {
        guard let own else { return [] }
        let role = own.member.role.withArticle
        return [("you", "\(own.member.name), \(role) (\(own.slots)); holds \(own.grants)")]
    }

    /// The member who runs the command, or nil if that is not known.
    private func oneself(
        _ vault: Vault, _ context: Context, _ status: AgentStatus?
    ) throws -> MemberView? {
        guard let member = try? vault.member(named: context.memberName ?? status?.session?.member) else {
            return nil
        }
        return MemberView(member: try vault.perform(ShowMember(member)))
    }
}
