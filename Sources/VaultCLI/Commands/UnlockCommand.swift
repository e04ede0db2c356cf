import ArgumentParser
import VaultCore
import VaultLedger
import VaultWire

/// `vault unlock`: from here on an agent does what needs the keys, until its time is over.
struct UnlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Unlock the vault for a while: an agent keeps the keys, and does the work itself.",
        discussion: """
            Commands that follow ask for nothing. The agent locks the vault when its time is over, asleep or not, and
            on 'vault lock'.
            """, aliases: ["open"])

    @OptionGroup var options: GlobalOptions
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long: 30s, 15m, 8h, 2d.", valueName: "time"))
    var duration = "8h"

    func run() throws {
        let context = Context(options)
        let seconds = try AgentTime.seconds(duration)
        let secrets = try SecretsIn(context)
        let vault = try context.open()
        try context.checkAgentCanWrite(vault)
        let running = try context.agent()
        let (member, credential) = try secrets.asking(vault, context, otherwise: running?.openAs)
        let agent = try running ?? context.startAgent(listening: true)
        let status: AgentStatus
        do throws(VaultError) {
            status = try agent.ask(Unlock(member.name, with: credential, seconds: seconds))
        } catch {
            guard case .firstPassphrase = error else { throw Failure(error) }
            let own = try context.ownPassphrase(of: member, credential, vault)
            status = try context.failing { () throws(VaultError) in
                try agent.ask(Unlock(member.name, with: own, seconds: seconds))
            }
        }
        if !status.memoryIsLocked {
            ErrorReport.warn(
                "the agent's memory cannot be locked, so keys may be swapped to disk; raise 'ulimit -l'")
        }
        if case .recovery = secrets.way { context.warnOfRecovery() }
        let until = status.open?.until?.text ?? ""
        try context.receipt(
            "unlocked as \(member.name) until \(until)",
            ["member": .string(member.name), "pid": .integer(Int64(status.pid)), "until": .string(until)])
    }
}

/// `vault lock`: the agent wipes every key.
struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Lock the vault: the agent wipes its keys, and what it does ends.",
        aliases: ["seal"])

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let context = Context(options)
        let wasOpen = try context.failing { () throws(VaultError) in try lock(context) }
        try context.receipt(wasOpen ? "locked" : "it was locked already", ["was_open": .bool(wasOpen)])
    }
}

extension LockCommand {
    /// Whether there was anything to lock. An agent that speaks otherwise is ended: that locks too.
    private func lock(_ context: Context) throws(VaultError) -> Bool {
        guard let place = context.agentPlace else { return false }
        do throws(VaultError) {
            guard let agent = try AgentConnection.to(place), agent.openAs != nil else { return false }
            _ = try agent.ask(Lock())
            return true
        } catch {
            switch error {
            case .agent(.older), .agent(.newer), .agent(.noAnswer): return try AgentConnection.end(at: place)
            default: throw error
            }
        }
    }
}

/// How long an agent stays unlocked, as people give it.
enum AgentTime {
    /// At most a month: what is longer is a service, which has a key file.
    static let longest: Int64 = 31 * 86_400

    static func seconds(_ text: String) throws(Failure) -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            case let (seconds, overflow) = count.multipliedReportingOverflow(by: unit), !overflow,
            seconds <= longest
        else {
            throw Failure(
                .usage, "'\(text)' is no time that an agent can stay unlocked",
                next: "give 30s, 15m, 8h or 2d, at most 31d")
        }
        return seconds
    }
}
