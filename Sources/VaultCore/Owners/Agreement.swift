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

    /// The same where versions of one field are about to be destroyed, whatever their sealed bytes have become.
    func signedState(of owner: OwnerRow, replacing field: String) throws -> OwnerState {
        try rows.stateEntry(of: owner, in: ledger, checks, replacing: field).change.state!
    }

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

extension Rows {
    func checkSettings(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        if let fault = try settingFaults(of: owner, entry).first { throw VaultError.tampered(fault) }
    }

    func stateEntry(
        of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks, replacing field: String? = nil
    ) throws -> Entry {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        let faults = try faults(of: owner, entry, ledger.state)
        if let fault = faults.first(where: { field == nil || !$0.isOfBytes(of: field!) }) {
            throw VaultError.tampered(fault)
        }
        return entry
    }

    /// The newest entry that tells the state of an owner, after it was found in the tree; the newest it is because none
    /// was cut out. Its state has the digests in force, whether they stand in it or in a list behind it.
    private func signedEntry(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws
        -> Entry
    {
        try checks.checkWhole(self, ledger)
        guard let newest = try newestState(of: owner.identifier.hex) else {
            throw VaultError.tampered(.ownerUnsigned(owner: owner.name))
        }
        var entry = try knownEntry(newest.entry, seq: newest.seq)
        try checks.checkIncluded(newest.entry, newest.seq, self, ledger)
        if let known = try checks.owner(owner.key, self, ledger) {
            entry.change.state?.take(known.versions)
        }
        return entry
    }

    /// Everything in which the rows of an owner differ from the entry that tells its state, with the digests in force.
    func faults(of owner: OwnerRow, _ entry: Entry, _ ledger: LedgerState) throws -> [Tampering] {
        let faults = try settingFaults(of: owner, entry)
        guard let state = entry.change.state, !faults.contains(.ownerUnsigned(owner: owner.name)) else {
            return faults
        }
        return faults + Self.faults(of: owner, try secrets(of: owner.id), state, ledger)
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

    private static func faults(
        of owner: OwnerRow, _ found: [SecretRow], _ state: OwnerState, _ ledger: LedgerState
    ) -> [Tampering] {
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
            if let fault = row.sealFault(signed, of: owner.name, ledger) { faults.append(fault) }
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

extension SecretRow {
    /// What is wrong with the sealed bytes, and with the epoch that they are said to be of: by what the ledger says of them.
    fileprivate func sealFault(_ signed: OwnerState.Secret, of owner: String, _ ledger: LedgerState)
        -> Tampering?
    {
        let isDeposit = Deposit.isWellFormed(sealed)
        guard isDeposit || Seal.isWellFormed(sealed) else {
            return .secretEmptied(owner: owner, field: field)
        }
        guard isDeposit == (signed.deposit != nil) else { return .secretUnsigned(owner: owner, field: field) }
        guard ledger.isInUse(epoch) else { return .secretRetired(owner: owner, field: field, epoch: epoch) }
        if let digest = signed.deposit ?? signed.sealed, Digest.sha256(sealed) != digest {
            return isDeposit
                ? .secretUnsigned(owner: owner, field: field) : .secretExchanged(owner: owner, field: field)
        }
        guard let signed = signed.epoch else {
            return ledger.secrets?.isCovered == true ? .secretUncovered(owner: owner, field: field) : nil
        }
        return signed == epoch ? nil : .secretExchanged(owner: owner, field: field)
    }
}

extension LedgerState {
    /// Whether secrets may be sealed under this master key now.
    func isInUse(_ epoch: UInt64) -> Bool { epoch == self.epoch?.number || epoch == retiring?.number }
}

extension Tampering {
    /// Whether it is about the sealed bytes of a field's secret alone.
    fileprivate func isOfBytes(of field: String) -> Bool {
        switch self {
        case .secretExchanged(_, field), .secretUncovered(_, field), .secretEmptied(_, field),
            .secretUnsigned(_, field), .secretRetired(_, field, _):
            true
        default: false
        }
    }

    /// The owner it is about, if it is about one.
    public var owner: String? {
        switch self {
        case .settingsChanged(let owner, _, _), .annotationsChanged(let owner, _, _),
            .ownerUnsigned(let owner),
            .ownerMissing(let owner, _), .secretMissing(let owner, _), .secretUnsigned(let owner, _),
            .secretStale(let owner, _, _, _), .secretEmptied(let owner, _), .secretRetired(let owner, _, _),
            .secretDoesNotOpen(let owner, _), .secretRelabelled(let owner, _, _),
            .secretExchanged(let owner, _), .secretUncovered(let owner, _),
            .secretMisdated(let owner, _, _), .testRow(let owner):
            owner
        case .entryCutOut, .entryAltered, .treeDamaged, .memberRow, .slotRow, .slotMissing, .slotAltered,
            .epochRow,
            .grantRow, .connectorRow, .digestList, .database, .strayRow, .searchIndex:
            nil
        }
    }

    /// Whether the ledger itself was altered, and not only what follows from it.
    var isOfLedger: Bool {
        switch self {
        case .entryCutOut, .entryAltered, .treeDamaged, .digestList, .database: true
        default: false
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
        case .secretExchanged: "secret exchanged"
        case .secretUncovered: "secret not covered"
        case .entryCutOut, .entryAltered, .treeDamaged, .digestList: "ledger altered"
        case .memberRow, .slotRow, .slotMissing, .slotAltered: "members altered"
        case .epochRow, .grantRow: "keys altered"
        case .connectorRow: "connector altered"
        case .testRow: "test altered"
        case .database, .strayRow, .searchIndex: "database damaged"
        }
    }
}
