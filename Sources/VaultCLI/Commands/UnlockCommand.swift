import ArgumentParser
import VaultCore
import VaultLedger
import VaultWire

/// `vault unlock`: unlocks the vault in an agent.
struct UnlockCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Unlock the vault for a while, in an agent that keeps the keys.",
        discussion: """
            Later commands need no passphrase. The agent locks the vault after the given time, which includes sleep, or on \
            'vault lock'.
            """, aliases: ["open"])

    static let examples = ["vault unlock", "vault unlock --for 30m", "vault unlock --key-file ~/vault.key"]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Option(
        name: .customLong("for"),
        help: .init("Lock after this time: 30s, 15m, 8h or 2d, at most 31d.", valueName: "time"))
    var duration = "8h"

    func run(_ context: Context) throws {
        let seconds = try UnlockDuration.seconds(duration)
        let secrets = try CommandSecrets(context)
        let vault = try context.open()
        try context.checkAgentCanWrite(vault)
        let running = try context.agent()
        let (member, credential) = try secrets.memberAndCredential(
            vault, context, defaultName: running?.unlockedAs)
        let agent = try running ?? context.startAgent(listening: true)
        let status: AgentStatus
        do {
            status = try agent.perform(Unlock(member.name, with: credential, seconds: seconds))
        } catch {
            guard case .unlock(.mustReplacePassphrase) = error else { throw error }
            let own = try context.ownPassphrase(of: member, credential, vault)
            status = try agent.perform(Unlock(member.name, with: own, seconds: seconds))
        }
        if !status.memoryIsLocked {
            ErrorReport.warn(
                "the agent can't lock its memory, so keys may be swapped to disk; raise 'ulimit -l'")
        }
        if case .recovery = secrets.method { context.warnOfRecovery() }
        let until = status.session?.until?.text ?? ""
        try context.receipt(
            "unlocked as \(member.name) until \(until)",
            ["member": member.name, "pid": status.pid, "until": until])
    }
}

/// `vault lock`: locks the vault in its agent.
struct LockCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Lock the vault: the agent wipes its keys and cancels its requests.",
        aliases: ["seal"])

    @OptionGroup(title: "Global options") var options: GlobalOptions

    func run(_ context: Context) throws {
        let wasOpen = try lock(context)
        try context.receipt(wasOpen ? "locked" : "already locked", ["was_open": wasOpen])
    }
}

extension LockCommand {
    /// Locks the vault, or ends an agent of another version, which locks it too.
    ///
    /// - Returns: Whether it was unlocked.
    private func lock(_ context: Context) throws(VaultError) -> Bool {
        guard let place = context.agentEndpoint else { return false }
        do {
            guard let agent = try AgentConnection.connect(to: place), agent.unlockedAs != nil else {
                return false
            }
            _ = try agent.perform(Lock())
            return true
        } catch .agent(.older), .agent(.newer), .agent(.noAnswer) {
            return try AgentConnection.terminate(at: place)
        }
    }
}

/// Parses how long an agent stays unlocked.
enum UnlockDuration {
    /// In seconds. A service that runs longer has a key file.
    private static let longest: Int64 = 31 * 86_400

    static func seconds(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let next = "use 30m, 8h or 7d; at most 31d"
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0
        else { throw Failure.usage("invalid duration '\(text)'").next(next) }
        try require(count > 0, "duration must be greater than zero", next: next)
        try require(count <= longest / unit, "'\(text)' is longer than 31d", next: next)
        return count * unit
    }
}
