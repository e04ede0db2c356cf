import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

// Whether the rows of an owner are what the newest entry about it says, and whether that entry is in the tree.

extension Transaction {
    /// What the ledger says of an owner, after its row, its secrets' rows and the entry itself were checked.
    ///
    /// - Throws: `VaultError.tampered` with the first thing that disagrees.
    func signedState(of owner: OwnerRow) throws -> OwnerState { try stateEntry(of: owner).change.state! }

    /// The entry that tells the state of an owner, after all of that was checked.
    func stateEntry(of owner: OwnerRow) throws -> Entry {
        try rows.stateEntry(of: owner, in: ledger, checks)
    }

    /// Checks what a person sees of an owner, before more is signed on top of it. The rows of its secrets do not
    /// matter here: they are not read, or are about to be replaced.
    func checkSettings(of owner: OwnerRow) throws {
        try rows.checkSettings(of: owner, in: ledger, checks)
    }
}

/// What of the ledger was checked in a transaction already: what a transaction sees is changed by nobody else.
final class LedgerChecks {
    private var isWhole = false
    /// The number of the entry that was found in the tree last.
    private var found: UInt64?

    /// That no entry was cut out of the middle of a ledger whose end is known: there are as many as its size says.
    fileprivate func checkWhole(_ rows: Rows, _ ledger: KnownLedger) throws {
        guard !isWhole else { return }
        let (size, count) = (ledger.range.size, try rows.entryCount())
        guard count == size else { throw VaultError.tampered(.entryCutOut(expected: size, found: count)) }
        isWhole = true
    }

    /// That this entry is in the tree.
    fileprivate func checkIncluded(_ entry: [UInt8], _ seq: UInt64, _ rows: Rows, _ ledger: KnownLedger)
        throws
    {
        guard found != seq else { return }
        try rows.checkInclusion(of: entry, at: seq, in: ledger)
        found = seq
    }
}

extension Rows {
    func checkSettings(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        if let fault = try settingFaults(of: owner, entry).first { throw VaultError.tampered(fault) }
    }

    func stateEntry(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws -> Entry {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        if let fault = try faults(of: owner, entry).first { throw VaultError.tampered(fault) }
        return entry
    }

    /// The newest entry that tells the state of an owner, after it was found in the tree; the newest it is because none
    /// was cut out.
    private func signedEntry(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws
        -> Entry
    {
        try checks.checkWhole(self, ledger)
        guard let newest = try newestState(of: owner.identifier.hex) else {
            throw VaultError.tampered(.ownerUnsigned(owner: owner.name))
        }
        let entry = try knownEntry(newest.entry, seq: newest.seq)
        try checks.checkIncluded(newest.entry, newest.seq, self, ledger)
        return entry
    }

    /// Everything in which the rows of an owner differ from the entry that tells its state.
    func faults(of owner: OwnerRow, _ entry: Entry) throws -> [Tampering] {
        let faults = try settingFaults(of: owner, entry)
        guard let state = entry.change.state, !faults.contains(.ownerUnsigned(owner: owner.name)) else {
            return faults
        }
        return faults + Self.faults(of: owner, try secrets(of: owner.id), state)
    }

    /// An owner whose newest entry is its removal has no business being there.
    fileprivate func settingFaults(of owner: OwnerRow, _ entry: Entry) throws -> [Tampering] {
        guard let state = entry.change.state, entry.object.kind == owner.ownerKind.objectKind,
            entry.action != owner.ownerKind.removal
        else { return [.ownerUnsigned(owner: owner.name)] }
        var faults: [Tampering] = []
        if owner.settingsDigest != state.settingsDigest {
            faults.append(.settingsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time))
        }
        if annotationsDigest(note: owner.note, tags: try tags(of: owner.id)) != state.annotations {
            faults.append(.annotationsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time))
        }
        return faults
    }

    private static func faults(of owner: OwnerRow, _ found: [SecretRow], _ state: OwnerState) -> [Tampering] {
        var faults: [Tampering] = []
        for signed in state.secrets {
            let rows = found.filter { $0.field == signed.field }
            guard let row = rows.first(where: { $0.version == signed.version }) else {
                faults.append(
                    rows.first.map {
                        .secretStale(
                            owner: owner.name, field: signed.field, found: $0.version, signed: signed.version)
                    } ?? .secretMissing(owner: owner.name, field: signed.field))
                continue
            }
            if row.label != signed.label.rawValue || row.keepUntil != signed.keepUntil?.text
                || row.rotateBy != signed.rotateBy?.text
            {
                faults.append(
                    .secretRelabelled(owner: owner.name, field: row.field, version: row.version))
            }
            if row.settingsDigest != state.settingsDigest {
                faults.append(
                    .secretStale(
                        owner: owner.name, field: row.field, found: row.version, signed: signed.version))
            }
            if let deposit = signed.deposit {
                if Digest.sha256(row.sealed) != deposit {
                    faults.append(.secretUnsigned(owner: owner.name, field: row.field))
                }
            } else if Deposit.isWellFormed(row.sealed) {
                faults.append(.secretUnsigned(owner: owner.name, field: row.field))
            } else if !Seal.isWellFormed(row.sealed) {
                faults.append(.secretEmptied(owner: owner.name, field: row.field))
            }
        }
        let signed = state.secrets.map { "\($0.field) \($0.version)" }
        for row in found where !signed.contains("\(row.field) \(row.version)") {
            // A stale row was named already; what is left is a row that nobody ever signed for.
            guard !state.secrets.contains(where: { $0.field == row.field }) || faults.isEmpty else {
                continue
            }
            faults.append(.secretUnsigned(owner: owner.name, field: row.field))
        }
        return faults
    }
}

extension Tampering {
    /// The owner it is about, if it is about one.
    public var owner: String? {
        switch self {
        case .settingsChanged(let owner, _, _), .annotationsChanged(let owner, _, _),
            .ownerUnsigned(let owner),
            .ownerMissing(let owner, _), .secretMissing(let owner, _), .secretUnsigned(let owner, _),
            .secretStale(let owner, _, _, _), .secretEmptied(let owner, _), .secretRetired(let owner, _, _),
            .secretDoesNotOpen(let owner, _), .secretRelabelled(let owner, _, _),
            .secretMisdated(let owner, _, _), .testRow(let owner):
            owner
        case .entryCutOut, .entryAltered, .treeDamaged, .memberRow, .slotRow, .slotMissing, .epochRow,
            .grantRow,
            .connectorRow, .database:
            nil
        }
    }

    /// A word for the ledger.
    var word: String {
        switch self {
        case .settingsChanged: "settings altered"
        case .annotationsChanged: "annotations altered"
        case .ownerUnsigned, .ownerMissing: "owner unsigned"
        case .secretMissing, .secretEmptied: "secret missing"
        case .secretUnsigned: "secret unsigned"
        case .secretStale: "secret stale"
        case .secretRelabelled, .secretMisdated: "secret relabelled"
        case .secretRetired: "epoch retired"
        case .secretDoesNotOpen: "secret does not open"
        case .entryCutOut, .entryAltered, .treeDamaged: "ledger altered"
        case .memberRow, .slotRow, .slotMissing: "members altered"
        case .epochRow, .grantRow: "keys altered"
        case .connectorRow: "connector altered"
        case .testRow: "test altered"
        case .database: "database damaged"
        }
    }
}
