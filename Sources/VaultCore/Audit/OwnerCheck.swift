import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Holds owners and their secrets against the newest entries about them, one after another, and counts them.
struct OwnerCheck {
    private(set) var owners = 0
    private(set) var secrets = 0
    /// How many secrets were opened; nil where there is no key.
    private(set) var opened: Int?
    private(set) var faults: [Tampering] = []

    private let vault: Vault
    private let rows: Rows
    private let session: Session?
    /// Entries before this one were not hashed in this look: what rests on them is shown to be in the tree.
    private let first: UInt64
    private var check = SignedRowCheck()
    /// The owners of the replay; nil where only what is new was replayed.
    private var replayed: OwnerTable?
    private let checks = LedgerChecks()

    init(
        _ vault: Vault, _ rows: Rows, _ session: Session?, since first: UInt64 = 0,
        owners: consuming OwnerTable? = nil
    ) {
        (self.vault, self.rows, self.session, self.first) = (vault, rows, session, first)
        opened = session == nil ? nil : 0
        replayed = owners
        checks.hashed = first
    }

    /// Whether the replay has an owner whose row was not met.
    var isMissingOwners: Bool { replayed?.hasUnmet ?? false }

    mutating func hold(_ owner: OwnerRow) throws {
        owners += 1
        let stored = try rows.secrets(of: owner.id)
        secrets += stored.count
        let found: [Tampering]
        do { found = try faults(of: owner, stored) } catch VaultError.tampered(let fault) { found = [fault] }
        faults += found
        if let session, found.isEmpty {
            for secret in stored where try !opens(secret, of: owner, session) {
                faults.append(.secretDoesNotOpen(owner: owner.name, field: secret.field))
            }
            opened! += stored.count
        }
        if owners.isMultiple(of: 1000) {
            vault.surroundings.notice(.progress(.checking, done: UInt64(owners), of: 0))
        }
    }

    private mutating func faults(of owner: OwnerRow, _ stored: [SecretRow]) throws -> [Tampering] {
        guard let newest = try rows.newestState(of: owner.identifier.hex) else {
            return [.ownerUnsigned(owner: owner.name)]
        }
        try prove(newest.seq, newest.entry)
        let known =
            try replayed == nil
            ? checks.owner(owner.key, rows, vault.known) : replayed!.meet(owner.key)
        guard let known, known.kind == owner.ownerKind.objectKind, !known.isRemoved else {
            return [.ownerUnsigned(owner: owner.name)]
        }
        let settings = owner.readSettings
        let isFound = try isFoundByItsSettings(owner, settings)
        if isFound, try check.isSigned(owner, settings, stored, newest, known, vault.state, rows) {
            return []
        }
        // Something is wrong, or there is more to tell than the short check looks at.
        guard let history = try rows.history(of: owner, proving: prove) else {
            return [.ownerUnsigned(owner: owner.name)]
        }
        var entry = history.newest
        entry.change.state?.take(known.versions)
        var faults = try rows.faults(of: owner, entry, vault.state)
        if faults.isEmpty, replayed != nil { faults = hintFaults(of: owner, stored, known) }
        if faults.isEmpty { faults = try rows.dateFaults(of: owner, stored, entry, history.origins) }
        guard faults.isEmpty, !isFound else { return faults }
        return [.settingsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time)]
    }

    /// Where a row says that its digest is, there it must be: a use looks there first.
    private func hintFaults(of owner: OwnerRow, _ stored: [SecretRow], _ known: SealedOwner) -> [Tampering] {
        stored.filter { row in
            known.place(row.field, row.version).map { known.versions[$0].list != row.listed } ?? false
        }.map { .secretExchanged(owner: owner.name, field: $0.field) }
    }

    private func prove(_ seq: UInt64, _ entry: [UInt8]) throws {
        if seq < first { try rows.checkInclusion(of: entry, at: seq, in: vault.known) }
    }

    /// The columns that repeat what the name and the settings say: the name's skeleton, and the client's row.
    private func isFoundByItsSettings(_ owner: OwnerRow, _ settings: Settings?) throws -> Bool {
        guard owner.nameKey.hasSameBytes(as: Name.skeleton(of: owner.name)) else { return false }
        // A text that is not the canonical one has a meaning, and is nobody's who had this program write it.
        if let settings, !OwnerRow.text(of: settings).hasSameBytes(as: owner.settings) { return false }
        guard owner.ownerKind == .connection, let settings else { return owner.client == nil }
        let connector: Connector
        do { connector = try vault.connector(named: owner.connector, rows) } catch is VaultError {
            // Named by itself.
            return true
        }
        guard let name = connector.clientName(in: settings) else { return owner.client == nil }
        let client = try rows.owner(OwnerKind.client.rawValue, nameKey: Name.skeleton(of: name))
        return client != nil && client?.id == owner.client
    }

    private func opens(_ secret: SecretRow, of owner: OwnerRow, _ session: Session) throws -> Bool {
        let address = SecretAddress(
            vault: vault.id, owner: owner.uid, field: secret.field, version: secret.version,
            epoch: secret.epoch, settingsDigest: secret.settingsDigest)
        let key = try session.masterKey(secret.epoch, vault.known, rows)
        // The row agrees with the ledger, so its shape is the one that was signed.
        return key.key.open(secret.sealed, address, isDeposit: Deposit.isWellFormed(secret.sealed)) != nil
    }
}

extension VerifyReport {
    /// Takes over how much was looked at.
    mutating func count(_ check: OwnerCheck) {
        (owners, secrets, opened) = (check.owners, check.secrets, check.opened)
    }
}
