import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Compares owners and their secrets with their newest entries, one by one, and counts them.
struct OwnerCheck {
    private(set) var owners = 0
    private(set) var secrets = 0
    /// The number of secrets that were opened; nil without a session.
    private(set) var opened: Int?
    private(set) var faults: [Tampering] = []

    private let vault: Vault
    private let rows: Rows
    private let session: Session?
    /// Entries before its first one were not hashed by this verification, and are proven by the tree.
    private let scan: LedgerScan
    /// The stored number of each owner's newest test.
    private let tests: [Int64: UInt64]
    /// All owners of the replayed ledger; nil if only new entries were replayed.
    private let replayed: [IdentifierKey: SealedOwner]?
    /// How many of these have a row.
    private var found = 0
    private let checks = LedgerChecks()

    init(
        _ vault: Vault, _ rows: Rows, _ session: Session?, _ scan: LedgerScan,
        owners: [IdentifierKey: SealedOwner]? = nil
    ) throws {
        (self.vault, self.rows, self.session, self.scan) = (vault, rows, session, scan)
        tests = try rows.tests()
        opened = session == nil ? nil : 0
        replayed = owners
        checks.hashed = scan.first
    }

    /// Whether the replay has an owner without a row.
    var isMissingOwners: Bool { replayed.map { $0.values.count { !$0.isRemoved } != found } ?? false }

    mutating func verify(_ owner: OwnerRow) throws {
        owners += 1
        let stored = try rows.secrets(of: owner.id)
        secrets += stored.count
        let found: [Tampering]
        do { found = try faults(of: owner, stored) } catch VaultError.integrity(.tampered(let fault)) {
            found = [fault]
        }
        faults += found
        if !hasNewestTest(owner) { faults.append(.testRow(owner: owner.name)) }
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
        let known = try replayed.map { $0[owner.key] } ?? checks.owner(owner.key, rows, vault.known)
        if let known, !known.isRemoved { found += 1 }
        guard let known, known.kind == owner.ownerKind.objectKind, !known.isRemoved,
            let entries = try rows.replay(owner, proving: prove)
        else { return [.ownerUnsigned(owner: owner.name)] }
        var entry = entries.newest
        entry.change.state?.take(known.versions)
        var faults = try rows.faults(of: owner, entry, vault.state)
        if faults.isEmpty, replayed != nil { faults = hintFaults(of: owner, stored, known) }
        if faults.isEmpty { faults = try rows.dateFaults(of: owner, stored, entry, entries.origins) }
        guard faults.isEmpty else { return faults }
        if try !entries.hasSettings(of: owner) || !isFoundByItsSettings(owner) {
            return [.settingsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time)]
        }
        return try entries.hasAnnotations(of: owner, rows.tags(of: owner.id))
            ? [] : [.annotationsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time)]
    }

    /// Whether the row of the newest test names the newest test in the ledger. An entry before the scan can't be newer
    /// than those in it.
    private func hasNewestTest(_ owner: OwnerRow) -> Bool {
        let named = tests[owner.id]
        return scan.tests[owner.key].map { $0 == named } ?? ((named ?? 0) < scan.first || named == nil)
    }

    /// Secrets with a row that names another digest list than the one with their digest: a use looks there first.
    private func hintFaults(of owner: OwnerRow, _ stored: [SecretRow], _ known: SealedOwner) -> [Tampering] {
        stored.filter { row in
            known.place(row.field, row.version).map { known.versions[$0].list != row.listed } ?? false
        }.map { .secretExchanged(owner: owner.name, field: $0.field) }
    }

    private func prove(_ seq: UInt64, _ entry: [UInt8]) throws {
        if seq < scan.first { try rows.checkInclusion(of: entry, at: seq, in: vault.known) }
    }

    /// Whether the columns that are derived from the name and the settings are right: the name's skeleton, and the
    /// client's row.
    private func isFoundByItsSettings(_ owner: OwnerRow) throws -> Bool {
        guard owner.nameKey.hasSameBytes(as: Name.skeleton(of: owner.name)) else { return false }
        guard owner.ownerKind == .connection, let settings = owner.readSettings else {
            return owner.client == nil
        }
        let connector: Connector
        do { connector = try rows.connector(named: owner.connector, in: vault.state) } catch is VaultError {
            // Reported by `connectorFaults`.
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
        // The row agrees with the ledger, so whether it looks like a deposit can be trusted.
        return key.key.open(secret.sealed, address, isDeposit: Deposit.isWellFormed(secret.sealed)) != nil
    }
}

extension VerifyReport {
    /// Adds the counts of a check.
    mutating func count(_ check: OwnerCheck) {
        (owners, secrets, opened) = (check.owners, check.secrets, check.opened)
    }
}
