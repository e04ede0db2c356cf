import CPlatform
import Libc
import Logging
import Synchronization
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

/// Owns the unlocked vault and its expiry. The vault is used only on this actor's thread.
actor SessionManager {
    nonisolated let executor = SingleThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let path: String
    private let anchors: AnchorStore
    private let log: Logger
    private var unlocked: Unlocked?
    private var throttle = UnlockThrottle()
    private var isSettlingScheduled = false
    /// State that is read without waiting for the vault's thread.
    private nonisolated let shared = Mutex(Shared())
    /// Other state that was derived from a key: tokens and connections.
    nonisolated let network = NetworkService()

    typealias Recording = @Sendable (Unlocked) throws(VaultError) -> Void

    private struct Shared {
        var expiry: SessionExpiry?
        var lockHandlers: [UInt64: (cancel: @Sendable () -> Void, record: Recording?)] = [:]
        var lastNumber: UInt64 = 0
    }

    init(vault path: String, anchors: String, log: Logger) {
        (self.path, self.anchors, self.log) = (path, AnchorStore(folder: anchors), log)
    }

    /// The current session; nil while the vault is locked.
    nonisolated var current: AgentStatus.Session? {
        shared.withLock { $0.expiry.flatMap { $0.hasPassed() ? nil : $0.session } }
    }

    nonisolated var status: AgentStatus {
        AgentStatus(
            pid: getpid(), version: ProgramVersion.text, session: current, lockedMemory: ProcessMemory.locked,
            memoryIsLocked: SecretMemory.isLocked)
    }

    /// Unlocks the vault, or extends the current session. The credential is required in either case.
    @discardableResult
    func unlock(
        _ request: Unlock, notice: @escaping @Sendable (Notice) -> Void
    ) async throws(VaultError) -> AgentStatus {
        if let current, let wanted = request.member, wanted != current.member {
            throw .agent(.otherMember(open: current.member, wanted: wanted))
        }
        let wait = throttle.wait(SessionExpiry.now)
        if wait > 0 {
            notice(.mustWait(seconds: Int((wait + 999) / 1000)))
            try? await Task.sleep(for: .milliseconds(wait))
            guard !Task.isCancelled else { throw .interrupted }
        }
        do throws(VaultError) { try unlockNow(request, notice) } catch {
            if case .unlock(.wrongCredential) = error { throttle.failed(SessionExpiry.now) }
            log.warning("not unlocked", metadata: ["why": "\(PlainWords.text(of: error))"])
            throw error
        }
        return status
    }

    private func unlockNow(_ request: Unlock, _ notice: @escaping (Notice) -> Void) throws(VaultError) {
        let surroundings = Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) },
            via: { Entry.Via(program: "agent", user: Machine.user, host: Machine.host) }, anchors: anchors,
            notice: notice)
        let vault = if let unlocked { unlocked.vault } else { try Vault.open(path, surroundings) }
        let member = try vault.member(named: request.member)
        let session = try vault.unlock(member, with: request.credential)
        guard !session.mustReplacePassphrase else {
            throw .unlock(.mustReplacePassphrase(member: member.name))
        }
        vault.settlesLater = true
        unlocked = Unlocked(vault, as: session)
        throttle.succeeded()
        let expiry = SessionExpiry(member.name, seconds: request.seconds, time: surroundings.now())
        shared.withLock { $0.expiry = expiry }
        log.notice(
            "unlocked",
            metadata: ["member": "\(member.name)", "until": "\(expiry.session.until?.text ?? "locked")"])
    }

    /// Calls `body` with the unlocked vault, set up for one request. Long operations stop early when the caller's task
    /// is canceled or the vault is locked.
    func withVault<T: Sendable>(
        for context: RequestContext, notice: @escaping @Sendable (Notice) -> Void,
        _ body: @Sendable (Unlocked) throws(VaultError) -> T
    ) throws(VaultError) -> T {
        guard let current, let unlocked else { throw .agent(.locked) }
        if let wanted = context.member, wanted != current.member {
            throw .agent(.otherMember(open: current.member, wanted: wanted))
        }
        unlocked.vault.surroundings.reason = context.reason
        unlocked.vault.surroundings.operation = context.operation
        unlocked.vault.surroundings.notice = notice
        unlocked.vault.surroundings.isCancelled = { [self] in Task.isCancelled || self.current == nil }
        defer { scheduleSettling() }
        do throws(VaultError) {
            return try body(unlocked)
        } catch {
            throw error == .interrupted && self.current == nil ? .agent(.lockedDuringRequest) : error
        }
    }

    /// Defers work after a commit, such as checkpointing the WAL, and batches it. By then the answers are sent, and the
    /// clients do not compete with it for the processor and the disk.
    private func scheduleSettling() {
        guard !isSettlingScheduled else { return }
        isSettlingScheduled = true
        Task {
            try? await Task.sleep(for: .milliseconds(100))
            settle()
        }
    }

    private func settle() {
        isSettlingScheduled = false
        unlocked?.vault.surroundings.notice = { [log] notice in
            log.warning("deferred work failed", metadata: ["why": "\(PlainWords.text(of: notice))"])
        }
        unlocked?.vault.settle()
    }

    /// Locks the vault: rejects new requests, cancels running ones and wipes every key.
    nonisolated func lock(because why: String) async {
        let (wasUnlocked, handlers) = shared.withLock { shared in
            defer { (shared.expiry, shared.lockHandlers) = (nil, [:]) }
            return (shared.expiry != nil, Array(shared.lockHandlers.values))
        }
        for handler in handlers { handler.cancel() }
        network.lock()
        await wipe(after: handlers.compactMap { $0.record })
        if wasUnlocked { log.notice("locked", metadata: ["why": "\(why)"]) }
    }

    /// Releases the only reference to the keys, which wipes them, after recording their last uses in the ledger. If the
    /// vault was unlocked again in between, `unlocked` holds new keys, which stay.
    private func wipe(after records: [Recording]) {
        if let unlocked {
            unlocked.vault.surroundings.reason = nil
            unlocked.vault.surroundings.operation = nil
            unlocked.vault.surroundings.notice = { _ in }
            unlocked.vault.surroundings.isCancelled = { false }
            for record in records {
                do throws(VaultError) { try record(unlocked) } catch {
                    log.warning("uses not recorded", metadata: ["why": "\(PlainWords.text(of: error))"])
                }
            }
            settle()
        }
        if shared.withLock({ $0.expiry == nil }) { unlocked = nil }
        platform_trim_heap()
    }

    /// Registers what to do when the vault is locked.
    ///
    /// - Parameters:
    ///   - cancel: Called at once.
    ///   - record: Called after that, as the last use of the keys.
    /// - Returns: A number for `removeLockHandler(_:)`.
    nonisolated func onLock(_ cancel: @escaping @Sendable () -> Void, record: Recording? = nil) -> UInt64 {
        shared.withLock { shared in
            shared.lastNumber += 1
            shared.lockHandlers[shared.lastNumber] = (cancel, record)
            return shared.lastNumber
        }
    }

    nonisolated func removeLockHandler(_ number: UInt64) {
        shared.withLock { _ = $0.lockHandlers.removeValue(forKey: number) }
    }

    /// Locks the vault if the session has expired.
    nonisolated func lockIfExpired() async {
        if shared.withLock({ $0.expiry?.hasPassed() ?? false }) { await lock(because: "expired") }
    }
}
