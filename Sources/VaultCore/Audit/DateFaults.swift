import VaultLedger
import VaultStore

extension Rows {
    /// Compares what is displayed of each version with the ledger: when it was set and by which member, when it expires,
    /// and when it was last tested and used. No check depends on these, but people plan rotations by them.
    func dateFaults(
        of owner: OwnerRow, _ stored: [SecretRow], _ entry: Entry, _ origins: [FieldVersion: SecretOrigin]
    ) throws -> [Tampering] {
        let state = entry.change.state?.secrets ?? []
        var misdated: [SecretRow] = []
        for row in stored {
            let origin = origins[FieldVersion(row)]
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

    /// Whether this version passed the newest test of the connection at the time in its row.
    private func isTested(_ row: SecretRow, of owner: OwnerRow) throws -> Bool {
        guard let test = try testEntry(of: owner.id) else { return false }
        let entry = try knownEntry(test.entry, seq: test.seq)
        let details = entry.change.details
        return entry.action == .testedConnection && entry.object.id == owner.identifier.hex
            && entry.time.text == row.testedAt && details["result"]?.string == "passed"
            && details["versions"]?[row.field]?.integer == Int64(row.version)
    }

    /// Whether the ledger has a use of this owner at this time.
    private func isUse(of owner: OwnerRow, at time: String) throws -> Bool {
        var isFound = false
        try forEachEntryBackwards(about: owner.identifier.hex, hasState: false) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            isFound = entry.action.isUse && entry.time.text == time
            return !isFound
        }
        return isFound
    }
}
