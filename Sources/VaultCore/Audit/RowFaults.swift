import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

// Compares the tables with the ledger, in both directions.
extension Vault {
    /// All differences between the rows of the file and the ledger.
    func faults(
        _ rows: Rows, _ session: Session?, _ integrity: IntegrityCheck?, _ scan: inout LedgerScan,
        _ owners: [IdentifierKey: SealedOwner], _ report: inout VerifyReport
    ) throws -> [Tampering] {
        let tables = try tableFaults(rows) + scan.faults(rows, size: size)
        var check = try OwnerCheck(self, rows, session, scan, owners: owners)
        try rows.forEachOwnerRow { try check.verify($0) }
        // Waits for the check as late as possible, but reports its faults first.
        var faults = try (integrity?.faults() ?? rows.integrityFaults()).map(Tampering.database)
        faults += tables + check.faults
        if check.isMissingOwners { faults += try missingOwners(rows) }
        faults += try strayRowFaults(rows)
        // Other faults of an owner also make the index differ.
        if faults.isEmpty { faults = try searchIndexFaults(rows) }
        report.count(check)
        return faults
    }

    /// The differences in the small tables: members, slots, keys and connectors.
    func tableFaults(_ rows: Rows, since first: UInt64 = 0) throws -> [Tampering] {
        try memberFaults(rows) + slotFaults(rows, since: first) + epochFaults(rows) + sealedKeyFaults(rows)
            + connectorFaults(rows)
    }

    /// Owners in the ledger without a row. Reads all entries, so this is only called if there are any.
    func missingOwners(_ rows: Rows) throws -> [Tampering] {
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

    /// There must be a row for each epoch in use, with its keys; the sealed previous key only during a rotation; and grants
    /// exactly for the members who may open secrets.
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
}
