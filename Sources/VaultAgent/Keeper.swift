import CPlatform
import Logging
import Synchronization
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps the vault, its identity and its keys, on a thread of their own; unlocks and locks.
actor Keeper {
    nonisolated let thread = OneThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let path: String
    private let anchors: AnchorStore
    private let log: Logger
    private var unlocked: Unlocked?
    private var guesses = Guesses()
    private var isToSettle = false
    private static let moment = Duration.milliseconds(100)
    /// What anybody may know without waiting for the thread.
    private nonisolated let shared = Mutex(Shared())

    private struct Shared {
        var lease: Lease?
        /// What is to end when the vault is locked.
        var endings: [UInt64: Ending] = [:]
        var number: UInt64 = 0
    }

    private struct Ending {
        let end: @Sendable () -> Void
        let tell: (@Sendable (Unlocked) throws(VaultError) -> Void)?
    }

    /// What else holds something that a key made, and forgets it when the vault is locked.
    private let whenLocking: @Sendable () -> Void

    init(
        vault path: String, anchors: String, log: Logger, whenLocking: @escaping @Sendable () -> Void = {}
    ) {
        self.whenLocking = whenLocking
        self.path = path
        self.anchors = AnchorStore(folder: anchors)
        self.log = log
    }

    /// The member whom the vault is open as, and until when; nil while it is locked.
    nonisolated var open: AgentStatus.Open? {
        shared.withLock { $0.lease.flatMap { $0.isOver() ? nil : $0.open } }
    }

    nonisolated var status: AgentStatus {
        AgentStatus(
            pid: getpid(), version: ProgramVersion.text, open: open, lockedMemory: OwnMemory.locked,
            memoryIsLocked: SecretMemory.isLocked)
    }

    /// Unlocks the vault, or renews the time of one that is unlocked: what unlocks it is asked for either way.
    @discardableResult
    func unlock(
        _ question: Unlock, notice: @escaping @Sendable (Notice) -> Void
    ) async throws(VaultError) -> AgentStatus {
        if let open, let wanted = question.member, wanted != open.member {
            throw .agent(.otherMember(open: open.member, wanted: wanted))
        }
        let wait = guesses.wait(Lease.now)
        if wait > 0 {
            notice(.mustWait(seconds: Int((wait + 999) / 1000)))
            try? await Task.sleep(for: .milliseconds(wait))
            guard !Task.isCancelled else { throw .interrupted }
        }
        do throws(VaultError) {
            try unlockNow(question, notice)
        } catch {
            if case .wrongCredential = error { guesses.failed(Lease.now) }
            log.warning("not unlocked", metadata: ["why": "\(PlainWords.text(of: error))"])
            throw error
        }
        return status
    }

    private func unlockNow(_ question: Unlock, _ notice: @escaping (Notice) -> Void) throws(VaultError) {
        let surroundings = Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) },
            via: { Entry.Via(program: "agent", user: Machine.user, host: Machine.host) }, anchors: anchors,
            notice: notice)
        let vault: Vault
        if let held = unlocked?.vault { vault = held } else { vault = try Vault.open(path, surroundings) }
        let member = try vault.member(named: question.member)
        let session = try vault.unlock(member, with: question.credential)
        guard !session.isAtFirst else { throw .firstPassphrase(member: member.name) }
        vault.settlesLater = true
        unlocked = Unlocked(vault, as: session)
        guesses.succeeded()
        let lease = Lease(member.name, seconds: question.seconds, time: surroundings.now())
        shared.withLock { $0.lease = lease }
        log.notice(
            "unlocked",
            metadata: ["member": "\(member.name)", "until": "\(lease.open.until?.text ?? "locked")"])
    }

    /// Lends the unlocked vault, with what one question brings along. Long work ends early when the caller's task is
    /// cancelled or the vault is locked.
    func use<T: Sendable>(
        for asking: Asking, notice: @escaping @Sendable (Notice) -> Void,
        _ body: @Sendable (Unlocked) throws(VaultError) -> T
    ) throws(VaultError) -> T {
        guard let open, let unlocked else { throw .agent(.locked) }
        if let wanted = asking.member, wanted != open.member {
            throw .agent(.otherMember(open: open.member, wanted: wanted))
        }
        unlocked.vault.surroundings.reason = asking.reason
        unlocked.vault.surroundings.operation = asking.operation
        unlocked.vault.surroundings.notice = notice
        unlocked.vault.surroundings.isCancelled = { [self] in Task.isCancelled || self.open == nil }
        defer { settleSoon() }
        do throws(VaultError) {
            return try body(unlocked)
        } catch {
            throw error == .interrupted && self.open == nil ? .agent(.lockedMeanwhile) : error
        }
    }

    /// Does what changes have left to be done once for all that come within a moment. The answer has long gone out then, and
    /// what was asked for has begun: neither has to share the processor and the disk with this.
    private func settleSoon() {
        guard !isToSettle else { return }
        isToSettle = true
        Task {
            try? await Task.sleep(for: Self.moment)
            settle()
        }
    }

    /// Nobody listens to this any more.
    private func settle() {
        isToSettle = false
        unlocked?.vault.surroundings.notice = { [log] notice in
            log.warning("not settled", metadata: ["why": "\(PlainWords.text(of: notice))"])
        }
        unlocked?.vault.settle()
    }

    /// Locks the vault: nothing new is begun, what goes on is told to end, and every key is wiped.
    nonisolated func lock(because why: String) async {
        let (wasOpen, endings) = shared.withLock { shared in
            defer { (shared.lease, shared.endings) = (nil, [:]) }
            return (shared.lease != nil, Array(shared.endings.values))
        }
        for ending in endings { ending.end() }
        whenLocking()
        await wipe(after: endings.compactMap(\.tell))
        if wasOpen { log.notice("locked", metadata: ["why": "\(why)"]) }
    }

    /// The last owner of the keys goes, and they are wiped with it; before that the ledger hears what they were used
    /// for until now. Whoever unlocked again meanwhile has made new ones.
    private func wipe(after lastWords: [@Sendable (Unlocked) throws(VaultError) -> Void]) {
        if let unlocked {
            unlocked.vault.surroundings.reason = nil
            unlocked.vault.surroundings.operation = nil
            unlocked.vault.surroundings.notice = { _ in }
            unlocked.vault.surroundings.isCancelled = { false }
            for tell in lastWords {
                do throws(VaultError) { try tell(unlocked) } catch {
                    log.warning("not told to the ledger", metadata: ["why": "\(PlainWords.text(of: error))"])
                }
            }
            settle()
        }
        if shared.withLock({ $0.lease == nil }) { unlocked = nil }
        platform_give_back()
    }

    /// Has `end` called when the vault is locked, and `tell` after it, as the last that is done with the keys; the
    /// number takes them back.
    nonisolated func whenLocked(
        _ end: @escaping @Sendable () -> Void,
        tell: (@Sendable (Unlocked) throws(VaultError) -> Void)? = nil
    ) -> UInt64 {
        shared.withLock { shared in
            shared.number += 1
            shared.endings[shared.number] = Ending(end: end, tell: tell)
            return shared.number
        }
    }

    nonisolated func forget(_ number: UInt64) {
        shared.withLock { _ = $0.endings.removeValue(forKey: number) }
    }

    /// Locks the vault when its time is over.
    nonisolated func lockIfOver() async {
        if shared.withLock({ $0.lease?.isOver() ?? false }) { await lock(because: "its time is over") }
    }
}
