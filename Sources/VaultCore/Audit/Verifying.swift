import VaultCrypto
import VaultLedger
import VaultStore

/// What `audit verify` has looked at, when nothing was wrong.
public struct VerifyReport: Sendable, Equatable {
    public let entries: UInt64
    public let heads: UInt64
    public let owners: Int
    public let secrets: Int
    /// How many secrets were opened; nil when none was to be.
    public let opened: Int?
    public let root: String
}

extension Vault {
    /// Verifies a vault from its first entry on: hashes, signatures, roles, and every row against what was signed.
    ///
    /// Nothing that was remembered is believed but the anchor's own size and root, which must be on the way.
    /// With a session every secret is opened as well. With a checkpoint kept elsewhere, the ledger must contain it.
    ///
    /// - Throws: `ledger` with the first fault of the ledger; `verificationFailed` with every fault of the rows.
    public static func verify(
        _ path: String, _ surroundings: Surroundings, checkpoint: String? = nil,
        session makeSession: ((Vault) throws -> Session)? = nil
    ) throws(VaultError) -> VerifyReport {
        let vault = try open(path, surroundings)
        let session = try VaultError.catching { try makeSession?(vault) }
        return try VaultError.catching {
            try vault.file.read { rows in
                var report = try vault.replay(rows, checkpoint)
                let faults = try vault.faults(rows, session, &report)
                guard faults.isEmpty else { throw VaultError.verificationFailed(faults) }
                return report
            }
        }
    }

    /// Replays the ledger from nothing.
    private func replay(_ rows: Rows, _ checkpoint: String?) throws -> VerifyReport {
        let wanted = try checkpoint.map { try Self.read(checkpoint: $0, of: id, size: size) }
        var signers: [LedgerState.Member] = []
        var verifier = LedgerVerifier()
        var heads: UInt64 = 0
        let total = try rows.ledgerSize()
        while let head = try rows.nextHead(after: verifier.range.size) {
            let first = verifier.next
            var count: UInt64 = 0
            try rows.forEachEntry(in: first..<head.size) { _, bytes in
                try verifier.accept(bytes)
                count += 1
                if let wanted, verifier.next == wanted.checkpoint.size {
                    try check(wanted.checkpoint, against: verifier)
                }
            }
            guard head.size == first + count else {
                throw VaultError.ledger(.outOfOrder(expected: first + count, found: head.size))
            }
            if let wanted, first < wanted.checkpoint.size { signers = verifier.state.members }
            try verifier.accept(head: head.note)
            if let wanted, first < wanted.checkpoint.size { signers += verifier.state.members }
            heads += 1
            if heads.isMultiple(of: 256) {
                surroundings.notice(.progress(.verifying, done: head.size, of: total))
            }
        }
        try rows.forEachEntry(in: verifier.next..<total) { _, bytes in try verifier.accept(bytes) }
        try verifier.end()
        if let wanted {
            guard signers.contains(where: { wanted.note.isSigned(by: $0.name, publicKey: $0.signKey) }) else {
                throw VaultError.checkpointMismatch(why: "no member of that time has signed the checkpoint")
            }
        }
        guard verifier.range == known.range, verifier.state == known.state else {
            throw VaultError.forked(size: size, at: known.seen ?? surroundings.now())
        }
        return VerifyReport(
            entries: size, heads: heads, owners: 0, secrets: 0, opened: nil, root: verifier.range.root.hex)
    }

    private static func read(
        checkpoint text: String, of vault: [UInt8], size: UInt64
    ) throws -> (checkpoint: Checkpoint, note: SignedNote) {
        guard let note = SignedNote(encoded: text), let checkpoint = Checkpoint(text: note.text) else {
            throw VaultError.checkpointMismatch(why: "the file is no checkpoint")
        }
        guard checkpoint.vault == vault else {
            throw VaultError.checkpointMismatch(why: "the checkpoint is of another vault")
        }
        guard checkpoint.size > 0 else {
            throw VaultError.checkpointMismatch(why: "the checkpoint has no entries")
        }
        guard checkpoint.size <= size else {
            throw VaultError.checkpointMismatch(
                why:
                    "the checkpoint has \(checkpoint.size) entries, and this ledger only \(size): entries were cut off"
            )
        }
        return (checkpoint, note)
    }

    private func check(_ checkpoint: Checkpoint, against verifier: LedgerVerifier) throws {
        guard checkpoint.root == verifier.reached.root else {
            throw VaultError.checkpointMismatch(
                why:
                    "the first \(checkpoint.size) entries are not those of the checkpoint: the ledger was forked"
            )
        }
    }
}
