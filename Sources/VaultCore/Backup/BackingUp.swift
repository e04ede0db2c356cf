// The folder's rule: a vault leaves its place, or comes to one, sealed as it is. A copy is verified before anybody is
// told that it is done, and one that contradicts what was seen is never put in place in silence.

public import VaultLedger
import VaultCrypto
import VaultStore

/// A copy of a vault in one file, as it was verified.
public struct BackupReport: Sendable, Equatable {
    public let path: String
    /// The vault's id, hexadecimal.
    public let vault: String
    public let contents: VerifyReport
    /// The newest entry's time and author: as of when the copy is.
    public let newest: Timestamp
    public let author: String
    /// What this user has seen of this vault, when it contradicts the copy: more entries, or others.
    public let contradiction: Contradiction?

    public struct Contradiction: Sendable, Equatable {
        public let isFork: Bool
        public let seen: UInt64
        public let at: Timestamp
    }
}

extension Vault {
    /// Writes a backup while others work: one moment of the vault, in a new file of mode 0600.
    ///
    /// It is opened and verified, ledger and rows, before it gets its name. Nothing is unlocked, and nothing is
    /// written to the vault: whoever can read the file can copy it, and no entry could tell of that.
    public func backUp(to path: String) throws(VaultError) -> BackupReport {
        try VaultError.catching {
            try read { _ in }
            // Others may write while this copies and verifies, and move this user's anchor on.
            let seen = known.anchor(seen: surroundings.now())
            var report: BackupReport?
            do {
                try file.copy(to: path) { copy in
                    let vault = try Vault.unseen(copy, surroundings)
                    report = try vault.examined(path, against: seen)
                    // The copy may hold more than was there at the beginning, but not less, and nothing else.
                    if let contradiction = report?.contradiction {
                        throw VaultError.rolledBack(
                            seen: contradiction.seen, at: contradiction.at, found: vault.size)
                    }
                }
            } catch StoreError.alreadyThere {
                throw VaultError.fileExists(path: path)
            }
            return report!
        }
    }

    /// Verifies a backup where it lies.
    public static func verifyBackup(_ path: String, _ surroundings: Surroundings) throws(VaultError)
        -> BackupReport
    {
        try VaultError.catching {
            let copy = try unseen(try VaultFile.stage(path), surroundings)
            return try copy.examined(path, against: surroundings.anchors.load(copy.id))
        }
    }

    /// A vault of which nothing is known but what its file says; its anchor is neither believed nor moved.
    static func unseen(_ file: VaultFile, _ surroundings: Surroundings) throws -> Vault {
        guard let first = try file.read({ try $0.entry(0) }) else { throw VaultError.ledger(.noBeginning) }
        return Vault(
            file: file, surroundings: surroundings, known: KnownLedger(vault: Digest.sha256(first)))
    }

    /// Verifies all of a copy, and compares it with what this user had seen of the vault.
    func examined(_ path: String, against anchor: Anchor?) throws -> BackupReport {
        let contents = try verifyAll(nil, nil)
        return try file.read { rows in
            guard let bytes = try rows.entry(size - 1) else { throw VaultError.ledger(.noBeginning) }
            let newest = try rows.knownEntry(bytes, seq: size - 1)
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
