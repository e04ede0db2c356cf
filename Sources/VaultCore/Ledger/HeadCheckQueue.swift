import Dispatch
import Synchronization
import VaultLedger

/// Checks the notes and signatures of heads on another thread, while the caller reads the entries after them.
///
/// The queue is bounded: `add` waits while it is full. Heads are checked in order up to the first fault, so the reported
/// fault is that of the smallest head.
final class HeadCheckQueue: Sendable {
    private static let batchSize = 64
    private static let maximumBatches = 16

    private let queue = DispatchQueue(label: "vault.heads")
    private let freeBatches = DispatchSemaphore(value: HeadCheckQueue.maximumBatches)
    private let fault = Mutex<LedgerError?>(nil)

    /// Adds checks in order, from one thread.
    struct Producer {
        private let target: HeadCheckQueue
        private var pending: [HeadCheck] = []
        private var hasSent = false

        init(_ target: HeadCheckQueue) { self.target = target }

        mutating func add(_ check: HeadCheck) {
            pending.append(check)
            if pending.count == HeadCheckQueue.batchSize { send() }
        }

        /// Waits until all checks have run. Less than one batch runs on this thread.
        ///
        /// - Throws: `ledger` with the first fault.
        mutating func finish() throws(VaultError) {
            if hasSent {
                send()
                target.queue.sync {}
            } else {
                target.run(pending)
            }
            pending.removeAll()
            if let fault = target.fault.withLock({ $0 }) { throw .integrity(.ledger(fault)) }
        }

        private mutating func send() {
            guard !pending.isEmpty else { return }
            hasSent = true
            target.freeBatches.wait()
            target.queue.async { [target, pending] in
                target.run(pending)
                target.freeBatches.signal()
            }
            pending.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ checks: [HeadCheck]) {
        guard fault.withLock({ $0 == nil }) else { return }
        for check in checks {
            do throws(LedgerError) { try check.run() } catch {
                return fault.withLock { $0 = error }
            }
        }
    }
}
