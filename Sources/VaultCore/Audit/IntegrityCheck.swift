import Dispatch
import Synchronization
import VaultStore

/// Runs SQLite's check of pages and indexes on another thread and connection, while the ledger is read.
///
/// Its transaction may see a later state of the file, which is fine for a check of the file's structure.
final class IntegrityCheck: Sendable {
    private static let minimumEntries: UInt64 = 4096

    private let queue = DispatchQueue(label: "vault.integrity")
    private let found = Mutex<Result<[String], any Error>?>(nil)

    /// Starts a check; nil for a small vault or a staged file, which the caller checks itself.
    static func begin(_ path: String, entries: UInt64, isStaged: Bool) -> IntegrityCheck? {
        guard entries >= minimumEntries, !isStaged else { return nil }
        let check = IntegrityCheck()
        check.queue.async {
            let result = Result { try VaultFile.open(path, for: .reading).read { try $0.integrityFaults() } }
            check.found.withLock { $0 = result }
        }
        return check
    }

    /// Waits for the result.
    func faults() throws -> [String] {
        queue.sync {}
        return try found.withLock { try $0?.get() } ?? []
    }
}
