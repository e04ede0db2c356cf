public import VaultLedger
import VaultCrypto
import VaultStore
import VaultText

/// Writes a backup of one moment of the vault to a new file with mode 0600, while other processes may write to the vault.
///
/// The copy is verified, ledger and rows, before it gets its name. Nothing is unlocked, and nothing is written to the
/// vault: anyone who can read the file can copy it, and no entry could record that.
///
/// - Throws: `fileExists`, `rolledBack`, those of `VerifyVault`, or an error of the file system.
public struct BackUp: Query {
    public typealias Answer = BackupReport

    private let path: String

    /// - Parameter path: The new file.
    public init(to path: String) { self.path = path }

    public func perform(in vault: Vault) throws -> BackupReport {
        try vault.read { _ in }
        // Another command may have advanced this user's anchor.
        let seen = vault.anchor
        var report: BackupReport?
        do {
            try vault.file.copy(to: path) { copy in
                let copied = try Vault.unseen(copy, vault.surroundings)
                report = try copied.examined(path, against: seen)
                // The copy may contain newer entries, but must contain all that were seen.
                if let found = report?.contradiction {
                    throw VaultError.integrity(
                        .rolledBack(seen: found.seen, at: found.at, found: copied.size))
                }
            }
        } catch StoreError.alreadyExists {
            throw VaultError.backup(.fileExists(path: path))
        }
        return report!
    }
}

/// A verified copy of a vault in one file.
public struct BackupReport: Sendable, Equatable, Codable {
    /// The file of the copy.
    public let path: String
    /// The vault's id, hexadecimal.
    public let vault: String
    /// The result of verifying the copy.
    public let contents: VerifyReport
    /// The time of the newest entry.
    public let newest: Timestamp
    /// The name of the member who made the newest entry.
    public let author: String
    /// How the copy contradicts what this user has seen of the vault: it has fewer entries, or different ones.
    public let contradiction: Contradiction?

    /// A difference between a copy and what this user has seen.
    public struct Contradiction: Sendable, Equatable, Codable {
        /// Whether the copy has different entries; false if it only has fewer.
        public let isFork: Bool
        /// The number of entries that this user has seen.
        public let seen: UInt64
        /// When this user saw them.
        public let at: Timestamp
    }
}

extension Vault {
    /// Verifies a backup without restoring it.
    ///
    /// - Throws: `noFile`, `truncated`, and those of `VerifyVault`.
    public static func verifyBackup(
        _ path: String, _ surroundings: Surroundings
    ) throws(VaultError) -> BackupReport {
        try VaultError.catching {
            let copy = try unseen(try VaultFile.stage(path), surroundings)
            return try copy.examined(path, against: surroundings.anchors.load(copy.id))
        }
    }

    /// Verifies a copy, and compares it with this user's anchor.
    func examined(_ path: String, against anchor: Anchor?) throws -> BackupReport {
        let contents = try verifyAll(nil, nil)
        return try file.read { rows in
            let newest = try rows.knownEntry(try rows.entry(size - 1) ?? [], seq: size - 1)
            return BackupReport(
                path: path, vault: Hex.encode(id), contents: contents, newest: newest.time,
                author: newest.actor.name, contradiction: try anchor.flatMap { try contradiction($0, rows) })
        }
    }

    private func contradiction(_ anchor: Anchor, _ rows: Rows) throws -> BackupReport.Contradiction? {
        let seen = anchor.range
        guard seen.size <= size else { return .init(isFork: false, seen: seen.size, at: anchor.seen) }
        var tree = rows.tree(size: size)
        do {
            let path = try tree.consistencyPath(from: seen.size) ?? []
            try Proof.checkConsistency(
                from: seen.size, root1: seen.root, to: size, root2: known.range.root, path: path)
            return nil
        } catch is ProofError {
            return .init(isFork: true, seen: seen.size, at: anchor.seen)
        }
    }
}
