import Dispatch
import Synchronization
import VaultLedger

/// Checks the notes and signatures of heads on another core, while the entries after them are read.
///
/// Bounded: when the checks fall behind, whoever adds one waits. The first fault is the one of the smallest head, since
/// they are checked in their order and none after it is.
final class HeadChecks: Sendable {
    private static let batch = 64
    private static let waiting = 16

    private let queue = DispatchQueue(label: "vault.heads")
    private let room = DispatchSemaphore(value: HeadChecks.waiting)
    private let fault = Mutex<LedgerFault?>(nil)

    /// Takes checks in order, from one thread.
    struct Feed {
        private let checks: HeadChecks
        private var pending: [HeadCheck] = []
        private var isAlone = true

        init(_ checks: HeadChecks) { self.checks = checks }

        mutating func add(_ check: HeadCheck) {
            pending.append(check)
            if pending.count == HeadChecks.batch { send() }
        }

        /// Waits until all that was added is checked. A few are not worth a thread.
        mutating func finish() throws(VaultError) {
            if isAlone { checks.run(pending) } else { send() }
            if !isAlone { checks.queue.sync {} }
            pending.removeAll()
            if let fault = checks.fault.withLock({ $0 }) { throw .ledger(fault) }
        }

        private mutating func send() {
            guard !pending.isEmpty else { return }
            isAlone = false
            checks.room.wait()
            checks.queue.async { [checks, pending] in
                checks.run(pending)
                checks.room.signal()
            }
            pending.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ checks: [HeadCheck]) {
        guard fault.withLock({ $0 == nil }) else { return }
        for check in checks {
            do throws(LedgerFault) { try check.run() } catch {
                return fault.withLock { $0 = error }
            }
        }
    }
}
