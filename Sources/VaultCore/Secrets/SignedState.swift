import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

// Compares the rows of an owner with its newest entry, and checks that the entry is in the tree.

extension Transaction {
    /// The signed state of an owner, after its rows and the entry were checked.
    ///
    /// - Parameter field: A field with versions that are about to be destroyed: their sealed bytes are not checked.
    /// - Throws: `tampered` with the first difference.
    func signedState(of owner: OwnerRow, replacing field: String? = nil) throws -> OwnerState {
        try stateEntry(of: owner, replacing: field).change.state!
    }

    /// The newest entry with the state of an owner, after its rows and the entry were checked.
    func stateEntry(of owner: OwnerRow, replacing field: String? = nil) throws -> Entry {
        try rows.stateEntry(of: owner, in: ledger, checks, replacing: field)
    }

    /// Checks an owner's settings and annotations before a new state is signed. Its secrets are not checked: they are
    /// not used, or about to be replaced.
    func checkSettings(of owner: OwnerRow) throws {
        try rows.checkSettings(of: owner, in: ledger, checks)
    }
}

extension Rows {
    func checkSettings(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        if let fault = try settingFaults(of: owner, entry).first {
            throw VaultError.integrity(.tampered(fault))
        }
    }

    func stateEntry(
        of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks, replacing field: String? = nil
    ) throws -> Entry {
        let entry = try signedEntry(of: owner, in: ledger, checks)
        let faults = try faults(of: owner, entry, ledger.state)
        if let fault = faults.first(where: { fault in field.map(fault.isOfBytes) != true }) {
            throw VaultError.integrity(.tampered(fault))
        }
        return entry
    }

    /// The newest entry with the state of an owner, after it was found in the tree. It is the newest because no entry is
    /// missing. The digests in force, which may be in a later digest list, are merged into its state.
    private func signedEntry(of owner: OwnerRow, in ledger: KnownLedger, _ checks: LedgerChecks) throws
        -> Entry
    {
        try checks.checkComplete(self, ledger)
        guard let newest = try newestState(of: owner.identifier.hex) else {
            throw VaultError.integrity(.tampered(.ownerUnsigned(owner: owner.name)))
        }
        var entry = try knownEntry(newest.entry, seq: newest.seq)
        try checks.checkIncluded(newest.entry, newest.seq, self, ledger)
        if let known = try checks.owner(owner.key, self, ledger) {
            entry.change.state?.take(known.versions)
        }
        return entry
    }

    /// All differences between the rows of an owner and an entry that has the digests in force.
    func faults(of owner: OwnerRow, _ entry: Entry, _ ledger: LedgerState) throws -> [Tampering] {
        let faults = try settingFaults(of: owner, entry)
        guard let state = entry.change.state, !faults.contains(.ownerUnsigned(owner: owner.name)) else {
            return faults
        }
        return faults + Self.faults(of: owner, try secrets(of: owner.id), state, ledger)
    }

    /// The differences in an owner's settings and annotations. An owner that was removed must have no row.
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
        func stale(_ row: SecretRow, _ signed: OwnerState.Secret) -> Tampering {
            .secretStale(owner: owner.name, field: row.field, found: row.version, signed: signed.version)
        }
        var faults: [Tampering] = []
        for signed in state.secrets {
            let rows = found.filter { $0.field == signed.field }
            guard let row = rows.first(where: { $0.version == signed.version }) else {
                faults.append(
                    rows.first.map { stale($0, signed) }
                        ?? .secretMissing(owner: owner.name, field: signed.field))
                continue
            }
            if row.label != signed.label.rawValue || row.keepUntil != signed.keepUntil?.text
                || row.rotateBy != signed.rotateBy?.text
            {
                faults.append(
                    .secretRelabelled(owner: owner.name, field: row.field, version: row.version))
            }
            if row.settingsDigest != state.settingsDigest { faults.append(stale(row, signed)) }
            if let fault = row.sealFault(signed, of: owner.name, ledger) { faults.append(fault) }
        }
        for row in found {
            let signed = state.secrets.filter { $0.field == row.field }
            // A stale row was reported above.
            if signed.contains(where: { $0.version == row.version }) || !signed.isEmpty && !faults.isEmpty {
                continue
            }
            faults.append(.secretUnsigned(owner: owner.name, field: row.field))
        }
        return faults
    }
}

extension SecretRow {
    /// How the sealed bytes or their epoch differ from the ledger.
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
    /// Whether secrets may be sealed under this epoch's master key.
    func isInUse(_ epoch: UInt64) -> Bool { epoch == self.epoch?.number || epoch == retiring?.number }
}

extension Tampering {
    /// Whether it concerns only the sealed bytes of this field's secret.
    fileprivate func isOfBytes(of field: String) -> Bool {
        switch self {
        case .secretExchanged(_, field), .secretUncovered(_, field), .secretEmptied(_, field),
            .secretUnsigned(_, field), .secretRetired(_, field, _):
            true
        default: false
        }
    }

    /// The name of the owner that it concerns, or nil.
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

    /// Whether the ledger itself was altered, and not only the tables.
    var isOfLedger: Bool {
        switch self {
        case .entryCutOut, .entryAltered, .treeDamaged, .digestList, .database: true
        default: false
        }
    }

    /// The reason that a refusal records in the ledger.
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
