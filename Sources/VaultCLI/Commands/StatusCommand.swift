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
        let agent = try context.agent()?.perform(GetStatus())
        let member = try? vault.member(named: context.memberName ?? agent?.session?.member)
        let own = try member.map { try vault.perform(ShowMember($0)) }
        let report = StatusReport(vault: vault, key: key, agent: agent, own: own)
        try context.write(report.json, lines: aligned(report.facts, width: 9))
        if agent?.session == nil { throw ExitStatus(.locked) }
    }
}

private struct StatusReport {
    let vault: Vault
    let key: KeyStatus
    let agent: AgentStatus?
    /// The member who runs the command, or nil if that is not known.
    let own: MemberInfo?

    var json: JSONObject {
        [
            "agent": agent.map(Self.json).orNull, "entries": vault.size, "epoch": key.epoch,
            "member": (own?.ownJSON).orNull, "members": members, "path": vault.path,
            "rotating": key.retiring != nil, "secrets": secrets,
            "state": agent?.session == nil ? "locked" : "open", "unsigned": key.unsigned,
            "vault": Hex.encode(vault.id),
        ]
    }

    private static func json(_ agent: AgentStatus) -> JSONObject {
        [
            "locked_memory": agent.lockedMemory.orNull, "memory_is_locked": agent.memoryIsLocked,
            "open_as": (agent.session?.member).orNull, "pid": agent.pid,
            "since": (agent.session?.since).orNull, "until": (agent.session?.until).orNull,
            "version": agent.version,
        ]
    }

    private var members: [String] { vault.state.members.map(\.name) }

    private var secrets: Int { key.secrets.reduce(0) { $0 + $1.count } }

    var facts: [(String, String)] {
        var facts = [("vault", vault.path), ("id", Hex.encode(vault.id)), ("state", state)]
        if let agent {
            let held = agent.lockedMemory.map { ", \(($0 + 1023) / 1024) KiB of locked memory" } ?? ""
            let memory = agent.memoryIsLocked ? held : ", memory is not locked"
            facts.append(("agent", "process \(agent.pid)\(memory)"))
        }
        if let own {
            let role = own.role.withArticle
            facts.append(("you", "\(own.name), \(role) (\(own.credentials)); holds \(own.keys)"))
        }
        let rotating = key.retiring == nil ? "" : " (rotation in progress)"
        facts += [
            ("members", members.joined(separator: ", ")),
            ("ledger", "\(countedEntries(vault.size)), verified"),
            ("secrets", "\(secrets), under master key \(key.epoch)\(rotating)"),
        ]
        if key.unsigned > 0 {
            let why =
                key.isSignedNext
                ? ", sealed by an older version; the next change or use signs them"
                : "; 'vault audit verify' lists them"
            facts.append(("unsigned", "\(key.unsigned) of these\(why)"))
        }
        return facts
    }

    private var state: String {
        guard let open = agent?.session else {
            return "locked; each command unlocks for itself, or run: vault unlock"
        }
        let until = open.until.map { "until \($0.text)" } ?? "until the agent ends"
        return "unlocked as \(open.member) since \(open.since.text), \(until)"
    }
}
