import VaultLedger
import VaultStore

// What is shown of a version and decides nothing: when and by whom it was set, when it expires, when it was last tested
// and used. Somebody who plans rotations by it must be able to trust it, so it is held against the ledger as well.
extension Rows {
    func dateFaults(
        of owner: OwnerRow, _ stored: [SecretRow], _ entry: Entry, _ origins: [VersionKey: SecretOrigin]
    ) throws -> [Tampering] {
        let state = entry.change.state?.secrets ?? []
        var misdated: [SecretRow] = []
        for row in stored {
            let origin = origins[VersionKey(row)]
            let signed = state.first { $0.field == row.field && $0.version == row.version }
            let isAsSet =
                row.setAt == origin?.setAt.text && row.setBy == origin?.setBy
                && row.expiresAt == origin?.expiresAt?.text
            let isAsTested =
                try row.testedAt == nil || row.testedAt == signed?.testedAt?.text || isTested(row, of: owner)
            let isAsUsed = try row.usedAt.map { try isUse(of: owner, at: $0) } ?? true
            if !isAsSet || !isAsTested || !isAsUsed { misdated.append(row) }
        }
        return misdated.map {
            .secretMisdated(owner: owner.name, field: $0.field, version: $0.version)
        }
    }

    /// Whether the newest test of a connection's current secrets was passed by this version at its time.
    private func isTested(_ row: SecretRow, of owner: OwnerRow) throws -> Bool {
        guard let test = try testEntry(of: owner.id) else { return false }
        let entry = try knownEntry(test.entry, seq: test.seq)
        let details = entry.change.details
        return entry.action == .testedConnection && entry.object.id == owner.identifier.hex
            && entry.time.text == row.testedAt && details["result"]?.string == "passed"
            && details["versions"]?[row.field]?.integer == Int64(row.version)
    }

    /// Whether the ledger tells of a use of this owner at this time.
    private func isUse(of owner: OwnerRow, at time: String) throws -> Bool {
        var isFound = false
        try forEachUseBackwards(of: owner.identifier.hex) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            isFound = entry.action.isUse && entry.time.text == time
            return !isFound
        }
        return isFound
    }
}
