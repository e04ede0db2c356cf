import Dispatch
import Synchronization
import VaultStore

/// SQLite's own check of its pages and indexes, on another core and connection while the ledger is read.
///
/// It sees a moment of its own, which does not matter: it is about the file's structure, not about what rows say. A
/// small vault is checked where it is asked for.
final class IntegrityCheck: Sendable {
    private static let worthAThread: UInt64 = 4096

    private let queue = DispatchQueue(label: "vault.integrity")
    private let found = Mutex<Result<[String], any Error>?>(nil)

    /// Begins; nil where the check is to be done by the caller.
    static func begin(_ path: String, entries: UInt64, isStaged: Bool) -> IntegrityCheck? {
        guard entries >= worthAThread, !isStaged else { return nil }
        let check = IntegrityCheck()
        check.queue.async {
            let result = Result { try VaultFile.open(path, for: .reading).read { try $0.integrityFaults() } }
            check.found.withLock { $0 = result }
        }
        return check
    }

    /// Waits for the answer.
    func faults() throws -> [String] {
        queue.sync {}
        return try found.withLock { try $0?.get() } ?? []
    }
}
