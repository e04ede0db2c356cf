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
            var tiles = try TileCheck(after: past.range, rows)
            var heads: UInt64 = 0
            var lists: Set<UInt64> = []
            let ledger = try KnownLedger(past).caughtUp(with: rows, surroundings.notice) { verifier, facts in
                try tiles.append(verifier.newest, rows)
                if facts.action.hasList { lists.insert(facts.seq) }
            } head: { _ in
                heads += 1
            }
            try confirm(ledger.range, ledger.state)
            try tiles.finish(rows)
            guard let founder = try rows.founder(), founder.signKey == past.founderKey else {
                throw VaultError.integrity(.tampered(.entryAltered(seq: 0)))
            }
            var report = VerifyReport(
                entries: size, heads: heads, owners: 0, secrets: 0, opened: nil, root: known.range.root.hex,
                founder: founder, hasWholeTree: tiles.isWhole)
            report.since = Seen(size: past.range.size, time: past.seen)
            let faults =
                try plantedLists(rows, since: past.range.size, signed: lists)
                + newFaults(rows, session, past, &report)
            guard faults.isEmpty else { throw VaultError.integrity(.verificationFailed(faults)) }
            return report
        }
    }

    /// Digest lists of new entries that did not sign one.
    private func plantedLists(
        _ rows: Rows, since first: UInt64, signed: Set<UInt64>
    ) throws -> [Tampering] {
        try rows.digestLists(in: first..<UInt64(Int64.max)).filter { !signed.contains($0) }
            .map { .digestList(seq: $0) }
    }

    private func newFaults(
        _ rows: Rows, _ session: Session?, _ past: Anchor, _ report: inout VerifyReport
    ) throws -> [Tampering] {
        let first = past.range.size
        // Older entries can only be proven by an intact tree.
        guard report.hasWholeTree else { return [.treeDamaged(size: size)] }
        var faults = try tableFaults(rows, since: first) + strayRowFaults(rows)
        var check = OwnerCheck(self, rows, session, since: first)
        // A rotation of the master key has rewritten the row of every secret.
        let isRotated = state.epoch != past.state.epoch || state.retiring != past.state.retiring
        if !isRotated, let touched = try rows.touchedOwners(since: first) {
            for owner in touched { faults += try differences(of: owner, since: first, rows, &check) }
            faults += check.faults
        } else {
            try rows.forEachOwnerRow { try check.verify($0) }
            faults += try check.faults + missingOwners(rows) + testFaults(rows)
        }
        report.count(check)
        return faults
    }

    /// Compares an owner that has new entries with the newest of them, as found by reading the entries and not by an index.
    private func differences(
        of touched: TouchedOwner, since first: UInt64, _ rows: Rows, _ check: inout OwnerCheck
    ) throws -> [Tampering] {
        let newest = try rows.newestState(of: touched.id)
        if let state = touched.state, newest?.seq != state {
            return [.database("the index of the entries does not contain entry \(state)")]
        }
        if let row = try Hex.decode(touched.id).flatMap({ try rows.owner(uid: $0) }) {
            try check.verify(row)
            return try testFaults(of: row, since: first, rows)
        }
        // A member is no owner, and a removed owner has no row.
        guard let newest else { return [] }
        let entry = try rows.knownEntry(newest.entry, seq: newest.seq)
        let isRemoved = entry.action == .removeConnection || entry.action == .removeClient
        return isRemoved ? [] : [.ownerMissing(name: entry.object.name, seq: newest.seq)]
    }

    /// Checks that the row names the newest test, which may be in a new entry.
    private func testFaults(of owner: OwnerRow, since first: UInt64, _ rows: Rows) throws -> [Tampering] {
        var newest: UInt64?
        try rows.forEachUseBackwards(of: owner.identifier.hex) { seq, bytes in
            guard seq >= first else { return false }
            let entry = try rows.knownEntry(bytes, seq: seq)
            if entry.action == .testedConnection, entry.change.details["label"] == nil { newest = seq }
            return newest == nil
        }
        let named = try rows.testEntry(of: owner.id)?.seq
        let isNamed = newest.map { named == $0 } ?? (named.map { $0 < first } ?? true)
        return isNamed ? [] : [.testRow(owner: owner.name)]
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
