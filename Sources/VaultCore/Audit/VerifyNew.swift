import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

extension Vault {
    /// Verifies what was added since the whole file was verified (decision 0025): the new entries, heads and signatures,
    /// the tree over the older entries, the small tables, and the rows of each owner with a new entry. Older entries and
    /// the rows of other owners are not read again.
    ///
    /// - Throws: `verificationFailed`, and the errors of reading the ledger.
    func verifyNew(since past: Anchor, _ session: Session?) throws -> VerifyReport {
        try read { rows in
            var scan = try LedgerScan(after: past.range, rows)
            let ledger = try KnownLedger(past).caughtUp(with: rows, surroundings.notice) { verifier, facts in
                try scan.add(facts, verifier, rows)
            } head: { _ in
                scan.addHead()
            }
            try confirm(ledger.range, ledger.state)
            guard let founder = try rows.founder(), founder.signKey == past.founderKey else {
                throw VaultError.integrity(.tampered(.entryAltered(seq: 0)))
            }
            var report = VerifyReport(
                entries: size, heads: scan.heads, owners: 0, secrets: 0, opened: nil,
                root: known.range.root.hex, founder: founder)
            report.since = Seen(size: past.range.size, time: past.seen)
            var faults = try scan.faults(rows, size: size)
            // Older entries can only be proven by an intact tree.
            if faults.isEmpty { faults = try newFaults(rows, session, past, scan, &report) }
            guard faults.isEmpty else { throw VaultError.integrity(.verificationFailed(faults)) }
            return report
        }
    }

    private func newFaults(
        _ rows: Rows, _ session: Session?, _ past: Anchor, _ scan: LedgerScan, _ report: inout VerifyReport
    ) throws -> [Tampering] {
        let first = past.range.size
        var faults = try tableFaults(rows, since: first) + strayRowFaults(rows)
        var check = try OwnerCheck(self, rows, session, scan)
        // A rotation of the master key has rewritten the row of every secret.
        let isRotated = state.epoch != past.state.epoch || state.retiring != past.state.retiring
        if !isRotated, let touched = try rows.touchedOwners(since: first) {
            for owner in touched { faults += try differences(of: owner, rows, &check) }
            faults += check.faults
        } else {
            try rows.forEachOwnerRow { try check.verify($0) }
            faults += try check.faults + missingOwners(rows)
        }
        report.count(check)
        return faults
    }

    /// Compares an owner that has new entries with the newest of them, as found by reading the entries and not by an index.
    private func differences(
        of touched: TouchedOwner, _ rows: Rows, _ check: inout OwnerCheck
    ) throws -> [Tampering] {
        let newest = try rows.newestState(of: touched.id)
        if let state = touched.state, newest?.seq != state {
            return [.database("the index of the entries does not contain entry \(state)")]
        }
        if let row = try Hex.decode(touched.id).flatMap({ try rows.owner(uid: $0) }) {
            try check.verify(row)
            return []
        }
        // A member is no owner, and a removed owner has no row.
        guard let newest else { return [] }
        let entry = try rows.knownEntry(newest.entry, seq: newest.seq)
        let isRemoved = entry.action == .removeConnection || entry.action == .removeClient
        return isRemoved ? [] : [.ownerMissing(name: entry.object.name, seq: newest.seq)]
    }
}

/// An owner that has new entries.
private struct TouchedOwner {
    let id: String
    /// The newest of these entries that has its state.
    var state: UInt64?
}

extension Rows {
    /// The number of owners that are kept in memory; if there are more, every row is checked.
    private static let maximumTouched = 10_000

    /// The owners that have entries from `first` on, in their order; nil if there are too many.
    fileprivate func touchedOwners(since first: UInt64) throws -> [TouchedOwner]? {
        var places: [String: Int] = [:]
        var found: [TouchedOwner] = []
        let isComplete = try forEachEntryObject(from: first) { seq, id, hasState in
            if places[id] == nil {
                guard found.count < Self.maximumTouched else { return false }
                places[id] = found.count
                found.append(TouchedOwner(id: id))
            }
            if hasState { found[places[id]!].state = seq }
            return true
        }
        return isComplete ? found : nil
    }
}
