import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

// The tables against the ledger: whatever a row says that no entry says, or an entry that no row does.
extension Vault {
    func faults(
        _ rows: Rows, _ session: Session?, _ integrity: IntegrityCheck?, _ report: inout VerifyReport
    ) throws -> [Tampering] {
        var faults: [Tampering] = []
        faults += try memberFaults(rows) + epochFaults(rows) + connectorFaults(rows)
        faults += try treeFaults(rows, report)
        var owners = 0
        var secrets = 0
        var opened = 0
        var check = SignedRowCheck()
        try rows.forEachOwnerRow { owner in
            owners += 1
            let stored = try rows.secrets(of: owner.id)
            secrets += stored.count
            let found = try self.faults(of: owner, stored, rows, &check)
            faults += found + epochFaults(of: stored, owner)
            if let session, found.isEmpty {
                for secret in stored where try !opens(secret, of: owner, session, rows) {
                    faults.append(.secretDoesNotOpen(owner: owner.name, field: secret.field))
                }
                opened += stored.count
            }
            if owners.isMultiple(of: 1000) {
                surroundings.notice(.progress(.checking, done: UInt64(owners), of: 0))
            }
        }
        // Asked last, and told first.
        faults = try (integrity?.faults() ?? rows.integrityFaults()).map(Tampering.database) + faults
        if report.owners != owners { faults += try missingOwners(rows) }
        faults += try testFaults(rows)
        (report.owners, report.secrets) = (owners, secrets)
        report.opened = session == nil ? nil : opened
        return faults
    }

    private func faults(
        of owner: OwnerRow, _ stored: [SecretRow], _ rows: Rows, _ check: inout SignedRowCheck
    ) throws -> [Tampering] {
        guard let newest = try rows.newestState(of: owner.identifier.hex) else {
            return [.ownerUnsigned(owner: owner.name)]
        }
        let settings = owner.readSettings
        let isFound = try isFoundByItsSettings(owner, settings, rows)
        if isFound, try check.isSigned(owner, settings, stored, newest, rows) { return [] }
        // Something is wrong, or there is more to tell than the short check looks at.
        guard let (entry, origins) = try rows.history(of: owner) else {
            return [.ownerUnsigned(owner: owner.name)]
        }
        var faults = try rows.faults(of: owner, entry)
        if faults.isEmpty { faults = try rows.dateFaults(of: owner, stored, entry, origins) }
        guard faults.isEmpty, !isFound else { return faults }
        return [.settingsChanged(owner: owner.name, signedBy: entry.actor.name, at: entry.time)]
    }

    /// The columns that repeat what the name and the settings say: the name's skeleton, and the client's row.
    private func isFoundByItsSettings(
        _ owner: OwnerRow, _ settings: Settings?, _ rows: Rows
    ) throws -> Bool {
        guard owner.nameKey == Name.skeleton(of: owner.name) else { return false }
        guard owner.ownerKind == .connection, let settings else {
            return owner.client == nil
        }
        let connector: Connector
        do { connector = try self.connector(named: owner.connector, rows) } catch is VaultError {
            // Named by itself.
            return true
        }
        guard let name = connector.clientName(in: settings) else { return owner.client == nil }
        let client = try rows.owner(OwnerKind.client.rawValue, nameKey: Name.skeleton(of: name))
        return client != nil && client?.id == owner.client
    }

    private func epochFaults(of secrets: [SecretRow], _ owner: OwnerRow) -> [Tampering] {
        secrets.filter { $0.epoch != state.epoch?.number && $0.epoch != state.retiring?.number }
            .map { .secretRetired(owner: owner.name, field: $0.field, epoch: $0.epoch) }
    }

    private func opens(_ secret: SecretRow, of owner: OwnerRow, _ session: Session, _ rows: Rows) throws
        -> Bool
    {
        let address = SecretAddress(
            vault: id, owner: owner.uid, field: secret.field, version: secret.version, epoch: secret.epoch,
            settingsDigest: secret.settingsDigest)
        let key = try session.masterKey(secret.epoch, known, rows)
        // The row agrees with the ledger, so its shape is the one that was signed.
        return key.key.open(secret.sealed, address, isDeposit: Deposit.isWellFormed(secret.sealed)) != nil
    }

    /// Owners that were created and never removed, and whose row is gone. Looked for only when the numbers differ.
    private func missingOwners(_ rows: Rows) throws -> [Tampering] {
        var missing: [String: (name: String, seq: UInt64)] = [:]
        try rows.forEachEntry(in: 0..<size) { seq, bytes in
            let entry = try rows.knownEntry(bytes, seq: seq)
            switch entry.action {
            case .createConnection, .createClient, .editConnection, .editClient:
                guard let uid = Hex.decode(entry.object.id), try rows.owner(uid: uid) == nil else { return }
                missing[entry.object.id] = (entry.object.name, seq)
            case .removeConnection, .removeClient: missing[entry.object.id] = nil
            default: break
            }
        }
        return missing.values.sorted { $0.seq < $1.seq }.map { .ownerMissing(name: $0.name, seq: $0.seq) }
    }

    /// The newest test of each connection's current secrets, as the entries tell it, must be what the rows name.
    private func testFaults(_ rows: Rows) throws -> [Tampering] {
        var newest: [String: UInt64] = [:]
        try rows.forEachEntry(of: Action.testedConnection.rawValue) { seq, bytes in
            let entry = try rows.knownEntry(bytes, seq: seq)
            if entry.change.details["label"] == nil { newest[entry.object.id] = seq }
        }
        let found = try rows.tests()
        var faults: [Tampering] = []
        for (id, seq) in found.sorted(by: { $0.key < $1.key }) {
            guard let owner = try rows.owner(id: id) else { continue }
            if newest.removeValue(forKey: owner.identifier.hex) != seq {
                faults.append(.testRow(owner: owner.name))
            }
        }
        for id in newest.keys.sorted() {
            guard let uid = Hex.decode(id), let owner = try rows.owner(uid: uid) else { continue }
            faults.append(.testRow(owner: owner.name))
        }
        return faults
    }

    private func memberFaults(_ rows: Rows) throws -> [Tampering] {
        let signed = state.members.map(MemberRow.init).sorted { $0.id.lexicographicallyPrecedes($1.id) }
        let found = try rows.members()
        var faults: [Tampering] = []
        for row in found where !signed.contains(row) { faults.append(.memberRow(name: row.name)) }
        for row in signed where !found.contains(where: { $0.id == row.id }) {
            faults.append(.memberRow(name: row.name))
        }
        let slots = try rows.slots()
        for member in state.members {
            let own = slots.filter { $0.member == member.id.bytes }
            for slot in own where !member.slots.contains(where: { $0.bytes == slot.id }) {
                faults.append(.slotRow(member: member.name))
            }
            for slot in member.slots where !own.contains(where: { $0.id == slot.bytes }) {
                faults.append(.slotMissing(member: member.name))
            }
        }
        return faults
    }

    /// The epochs that the ledger has open, each with its keys; the older key's copy only while a rotation goes on;
    /// a grant for each member who may open, and for nobody else.
    private func epochFaults(_ rows: Rows) throws -> [Tampering] {
        let open = [state.retiring, state.epoch].compactMap(\.self)
        let found = try rows.epochs()
        var faults: [Tampering] = []
        for row in found {
            let signed = open.first { $0.number == row.epoch }
            let mayHoldOld = state.retiring != nil && row.epoch == state.epoch?.number
            let fits = signed?.commitment == row.commitment && signed?.depositKey == row.depositKey
            if !fits || (row.sealedPrevious != nil) != mayHoldOld {
                faults.append(.epochRow(epoch: row.epoch))
            }
        }
        for epoch in open where !found.contains(where: { $0.epoch == epoch.number }) {
            faults.append(.epochRow(epoch: epoch.number))
        }
        let openers = state.members.filter(\.role.mayOpen).map(\.id.bytes).sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for epoch in open where try rows.grantedMembers(epoch: epoch.number) != openers {
            faults.append(.grantRow(epoch: epoch.number))
        }
        return faults
    }

    private func connectorFaults(_ rows: Rows) throws -> [Tampering] {
        let names = try rows.connectorNames()
        let unknown = names.filter { state.connectors[$0] == nil }
        let altered = try state.connectors.keys.sorted().filter { name in
            try rows.connectorSource(name).map { Digest.blake2b256(Array($0.utf8)) } != state.connectors[name]
        }
        return (unknown + altered).map { .connectorRow(name: $0) }
    }

    /// The tiles must be those of the entries, and there must be no entries besides.
    private func treeFaults(_ rows: Rows, _ report: VerifyReport) throws -> [Tampering] {
        let count = try rows.entryCount()
        if count != size { return [.entryCutOut(expected: size, found: count)] }
        return report.hasWholeTree ? [] : [.treeDamaged(size: size)]
    }
}
