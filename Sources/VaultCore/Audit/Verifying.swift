import VaultCrypto
public import VaultLedger
import VaultStore

/// What `audit verify` has looked at, when nothing was wrong.
public struct VerifyReport: Sendable, Equatable, Codable {
    public let entries: UInt64
    public let heads: UInt64
    public var owners: Int
    public var secrets: Int
    /// How many secrets were opened; nil when none was to be.
    public var opened: Int?
    public let root: String
    public let founder: LedgerState.Member
    /// What was found under the checkpoint that was given; nil without one.
    public var checkpoint: CheckedCheckpoint?
    /// Where only what was new was looked at: how far all of it had been verified before, and when. Heads, owners and
    /// secrets are then those of the news.
    public var since: Seen?
    /// Whether the kept hashes of the tree are those of the entries; one of the things that rows are held to.
    var hasWholeTree = true
    /// Whether an entry tells of a test.
    var hasTests = true
    /// How many entries have signed a digest list.
    var lists: UInt64 = 0
}

/// How far a ledger had been verified at some time.
public struct Seen: Sendable, Equatable, Codable {
    public let size: UInt64
    public let time: Timestamp
}

/// A checkpoint that the ledger contains, and whose signatures hold.
public struct CheckedCheckpoint: Sendable, Equatable, Codable {
    public let size: UInt64
    /// Members of that time.
    public let signers: [String]
    public let cosigners: [ProvenEntry.Cosigner]
}

extension Vault {
    /// Verifies a vault from its first entry on: hashes, signatures, roles, and every row against what was signed.
    ///
    /// Nothing that was remembered is believed but the anchor's own size and root, which must be on the way.
    /// With a session every secret is opened as well. With a checkpoint kept elsewhere, the ledger must contain it.
    /// `onlyNew` begins where this user has verified all of this file before (`verifyNew`); where that never was, all is.
    ///
    /// - Throws: `ledger` with the first fault of the ledger; `verificationFailed` with every fault of the rows.
    public static func verify(
        _ path: String, _ surroundings: Surroundings, checkpoint: String? = nil, onlyNew: Bool = false,
        session makeSession: ((Vault) throws -> Session)? = nil
    ) throws(VaultError) -> VerifyReport {
        let vault = try open(path, surroundings)
        let session = try VaultError.catching { try makeSession?(vault) }
        return try VaultError.catching {
            var past = onlyNew ? try surroundings.anchors.loadVerified(vault.id, file: path) : nil
            // An older program has not remembered enough to go on from.
            if past?.state.secrets == nil { past = nil }
            do {
                let report = try past.map { try vault.verifyNew(since: $0, session) }
                let found = try report ?? vault.verifyAll(checkpoint, session)
                vault.keepVerified()
                return found
            } catch let error as VaultError where error.saysTampered {
                surroundings.anchors.forgetVerified(vault.id)
                throw error
            }
        }
    }

    /// The same for a vault that is open; one of which nothing is known yet is known afterwards.
    func verifyAll(_ checkpoint: String?, _ session: Session?) throws -> VerifyReport {
        func verify(_ rows: Rows) throws -> VerifyReport {
            let integrity = IntegrityCheck.begin(
                path, entries: try rows.ledgerSize(), isStaged: file.isStaged)
            var (report, owners) = try replay(rows, checkpoint)
            let faults = try faults(rows, session, integrity, owners, &report)
            guard faults.isEmpty else { throw VaultError.verificationFailed(faults) }
            return report
        }
        return try size == 0 ? file.read(verify) : read(verify)
    }

    /// Replays the ledger from nothing.
    private func replay(_ rows: Rows, _ checkpoint: String?) throws -> (VerifyReport, OwnerTable) {
        var wanted = try checkpoint.map { text in
            let given = try GivenCheckpoint(text, of: id)
            try checkSize(of: given.checkpoint)
            return WantedCheckpoint(given)
        }
        let history = FileHistory(rows)
        var walk = LedgerWalk(
            rows: rows, size: try rows.ledgerSize(), verifier: LedgerVerifier(history: history),
            history: history)
        var tiles = TileCheck()
        var counts = (heads: UInt64(0), lists: UInt64(0))
        var hasTests = false
        var members = walk.verifier.state.members
        var first: UInt64 = 0
        let total = walk.size
        try walk.run { verifier, entry in
            try tiles.append(verifier.newest, rows)
            if entry.action.hasList { counts.lists += 1 }
            if entry.action == .testedConnection { hasTests = true }
            try wanted?.look(at: verifier, in: self)
        } head: { verifier, head in
            counts.heads += 1
            if wanted != nil {
                wanted?.meet(members, verifier.state.members, from: first)
                (members, first) = (verifier.state.members, head.size)
            }
            if counts.heads.isMultiple(of: 256) {
                surroundings.notice(.progress(.verifying, done: head.size, of: total))
            }
        }
        try tiles.finish(rows)
        // Taken out, so that marking the owners whose rows are met copies none of them.
        let owners = walk.verifier.owners
        walk.verifier.owners = OwnerTable()
        let verifier = walk.verifier
        guard let founder = try rows.founder() else { throw VaultError.ledger(.noBeginning) }
        if known.range.size == 0 {
            var found = KnownLedger(vault: id)
            (found.range, found.state, found.founderKey) = (verifier.range, verifier.state, founder.signKey)
            learn(found)
        }
        try confirm(verifier.range, verifier.state)
        var report = VerifyReport(
            entries: size, heads: counts.heads, owners: 0, secrets: 0, opened: nil,
            root: verifier.range.root.hex, founder: founder, checkpoint: try wanted?.checked(),
            hasWholeTree: tiles.isWhole, hasTests: hasTests)
        report.lists = counts.lists
        return (report, owners)
    }
}

/// A checkpoint that the replay must come by, and the members that it meets on the way.
private struct WantedCheckpoint {
    private let given: GivenCheckpoint
    /// Members of the time of the checkpoint, who can have signed it.
    private var signers: [LedgerState.Member] = []
    /// Whoever was a member at any time: a witness may have come later.
    private var witnesses: [LedgerState.Member] = []

    init(_ given: GivenCheckpoint) { self.given = given }

    func look(at verifier: LedgerVerifier, in vault: Vault) throws(VaultError) {
        let checkpoint = given.checkpoint
        guard verifier.next == checkpoint.size else { return }
        guard checkpoint.root == verifier.reached.root else { throw vault.fork(at: checkpoint.size) }
    }

    /// Takes in the members before and after a transaction that began with entry `first`.
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
        guard !names.isEmpty else { throw .checkpoint(.unsigned(size: size)) }
        return CheckedCheckpoint(
            size: size, signers: names, cosigners: try given.cosigners(among: witnesses))
    }
}

extension VaultError {
    /// Whether something was found wrong with the file itself: then nothing that was verified before stands for it.
    fileprivate var saysTampered: Bool {
        switch self {
        case .ledger, .tampered, .verificationFailed, .forked, .rolledBack: true
        default: false
        }
    }
}
