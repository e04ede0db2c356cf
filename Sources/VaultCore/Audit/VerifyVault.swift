import VaultCrypto
public import VaultLedger
import VaultStore

/// Verifies a vault from its first entry on: hashes, signatures, roles, and every row against the ledger. As an operation it
/// also opens every secret.
///
/// Nothing but the anchor's size and root is taken from earlier verifications.
///
/// - Throws: `ledger` with the first fault of the ledger; `verificationFailed` with every fault of the rows; `checkpoint`.
public struct VerifyVault: Query, RemoteOperation {
    public static let isConfirmedByEntries = false
    public typealias Answer = VerifyReport

    private let checkpoint: String?
    private let onlyNew: Bool

    /// - Parameters:
    ///   - checkpoint: A checkpoint that was kept elsewhere, which the ledger must contain.
    ///   - onlyNew: Whether to start after this user's last complete verification of this file, if there was one.
    public init(checkpoint: String? = nil, onlyNew: Bool = false) {
        (self.checkpoint, self.onlyNew) = (checkpoint, onlyNew)
    }

    public func perform(in vault: Vault) throws(VaultError) -> VerifyReport {
        try verify(vault, nil)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> VerifyReport {
        // Opened again: an agent may hold a file that is no longer the one at its path.
        try verify(try Vault.open(vault.path, vault.surroundings), session)
    }

    private func verify(_ vault: Vault, _ session: Session?) throws(VaultError) -> VerifyReport {
        try VaultError.catching {
            let anchors = vault.surroundings.anchors
            var past = onlyNew ? try anchors.loadVerified(vault.id, file: vault.path) : nil
            // An older program did not keep enough to continue from.
            if past?.state.secrets == nil { past = nil }
            do {
                let report = try past.map { try vault.verifyNew(since: $0, session) }
                let found = try report ?? vault.verifyAll(checkpoint, session)
                vault.saveVerified()
                return found
            } catch let error as VaultError where error.saysTampered {
                anchors.forgetVerified(vault.id)
                throw error
            }
        }
    }
}

/// The result of a verification that found nothing wrong.
public struct VerifyReport: Sendable, Equatable, Codable {
    /// The number of verified entries.
    public let entries: UInt64
    /// The number of verified signed heads.
    public let heads: UInt64
    /// The number of connections and clients.
    public var owners: Int
    /// The number of secrets, of every version.
    public var secrets: Int
    /// How many secrets were opened, or nil without a session.
    public var opened: Int?
    /// The root hash of the tree, hexadecimal.
    public let root: String
    /// The member who created the vault.
    public let founder: LedgerState.Member
    /// The given checkpoint, or nil without one.
    public var checkpoint: CheckedCheckpoint?
    /// The extent and time of the last complete verification, if only newer entries were verified. The counts are then those
    /// of the newer entries.
    public var since: Seen?
}

/// The extent of a ledger that was verified at some time.
public struct Seen: Sendable, Equatable, Codable {
    /// The number of entries.
    public let size: UInt64
    /// When they were verified.
    public let time: Timestamp
}

/// A checkpoint that the ledger contains, with valid signatures.
public struct CheckedCheckpoint: Sendable, Equatable, Codable {
    /// The number of entries in the checkpoint's tree.
    public let size: UInt64
    /// Members at that time.
    public let signers: [String]
    /// The members, of any time, who cosigned it as witnesses.
    public let cosigners: [ProvenEntry.Cosigner]
}

extension Vault {
    /// Verifies all of an open vault. A vault without an anchor is known afterwards.
    func verifyAll(_ checkpoint: String?, _ session: Session?) throws -> VerifyReport {
        func verify(_ rows: Rows) throws -> VerifyReport {
            let integrity = IntegrityCheck.begin(
                path, entries: try rows.ledgerSize(), isStaged: file.isStaged)
            var (report, scan, owners) = try replay(rows, checkpoint)
            let faults = try faults(rows, session, integrity, &scan, owners, &report)
            guard faults.isEmpty else { throw VaultError.integrity(.verificationFailed(faults)) }
            return report
        }
        return try size == 0 ? file.read(verify) : read(verify)
    }

    /// Replays the ledger from its first entry.
    private func replay(
        _ rows: Rows, _ checkpoint: String?
    ) throws -> (VerifyReport, LedgerScan, [IdentifierKey: SealedOwner]) {
        var wanted = try checkpoint.map { text in
            let given = try GivenCheckpoint(text, of: id)
            try checkSize(of: given.checkpoint)
            return WantedCheckpoint(given)
        }
        let history = FileHistory(rows)
        var walk = LedgerWalk(
            rows: rows, size: try rows.ledgerSize(), verifier: LedgerVerifier(history: history),
            history: history)
        var scan = LedgerScan()
        var members = walk.verifier.state.members
        var first: UInt64 = 0
        let total = walk.size
        try walk.run { verifier, entry in
            try scan.add(entry, verifier, rows)
            try wanted?.look(at: verifier, in: self)
        } head: { verifier, head in
            scan.addHead()
            if wanted != nil {
                wanted?.meet(members, verifier.state.members, from: first)
                (members, first) = (verifier.state.members, head.size)
            }
            if scan.heads.isMultiple(of: 256) {
                surroundings.notice(.progress(.verifying, done: head.size, of: total))
            }
        }
        let verifier = walk.verifier
        guard let founder = try rows.founder() else { throw VaultError.integrity(.ledger(.noBeginning)) }
        if known.range.size == 0 {
            var found = KnownLedger(vault: id)
            (found.range, found.state, found.founderKey) = (verifier.range, verifier.state, founder.signKey)
            adopt(found)
        }
        try confirm(verifier.range, verifier.state)
        let report = VerifyReport(
            entries: size, heads: scan.heads, owners: 0, secrets: 0, opened: nil,
            root: verifier.range.root.hex, founder: founder, checkpoint: try wanted?.checked())
        return (report, scan, verifier.owners)
    }
}

/// A checkpoint that the replay must reach, and the members who can have signed it.
private struct WantedCheckpoint {
    private let given: GivenCheckpoint
    /// The members at the time of the checkpoint, who can have signed it.
    private var signers: [LedgerState.Member] = []
    /// Everyone who was a member at any time: a witness may have been added later.
    private var witnesses: [LedgerState.Member] = []

    init(_ given: GivenCheckpoint) { self.given = given }

    func look(at verifier: LedgerVerifier, in vault: Vault) throws(VaultError) {
        let checkpoint = given.checkpoint
        guard verifier.next == checkpoint.size else { return }
        guard checkpoint.root == verifier.reached.root else { throw vault.fork(at: checkpoint.size) }
    }

    /// Adds the members before and after a transaction that began with entry `first`.
    mutating func meet(
        _ before: [LedgerState.Member], _ after: [LedgerState.Member], from first: UInt64
    ) {
        if first < given.checkpoint.size { signers = before + after.filter { !before.contains($0) } }
        for member in after where !witnesses.contains(where: { $0.id == member.id }) {
            witnesses.append(member)
        }
    }

    func checked() throws(VaultError) -> CheckedCheckpoint {
        let size = given.checkpoint.size
        var names: [String] = []
        for signer in signers where !names.contains(signer.name) {
            if given.note.isSigned(by: signer.name, publicKey: signer.signKey) { names.append(signer.name) }
        }
        guard !names.isEmpty else { throw .integrity(.checkpoint(.unsigned(size: size))) }
        return CheckedCheckpoint(
            size: size, signers: names, cosigners: try given.cosigners(among: witnesses))
    }
}

extension VaultError {
    /// Whether the file itself was altered, which invalidates earlier verifications.
    fileprivate var saysTampered: Bool {
        switch self {
        case .integrity(.ledger), .integrity(.tampered), .integrity(.verificationFailed), .integrity(.forked),
            .integrity(.rolledBack):
            true
        default: false
        }
    }
}
