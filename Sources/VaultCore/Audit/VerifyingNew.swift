import VaultCrypto
import VaultLedger
import VaultStore

extension Vault {
    /// Verifies what came after all of this file was verified (decision 0025): entries, heads and signatures from there
    /// on, the tree that the older entries are kept in, the small tables, and the rows of every owner that a new entry is
    /// about. So it costs what is new. What lies before is not read again, nor are the rows that nothing new is about:
    /// whoever doubts those verifies all of it.
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
                throw VaultError.tampered(.entryAltered(seq: 0))
            }
            var report = VerifyReport(
                entries: size, heads: heads, owners: 0, secrets: 0, opened: nil, root: known.range.root.hex,
                founder: founder, hasWholeTree: tiles.isWhole)
            report.since = Seen(size: past.range.size, time: past.seen)
            let faults =
                try plantedLists(rows, since: past.range.size, signed: lists)
                + newFaults(rows, session, past, &report)
            guard faults.isEmpty else { throw VaultError.verificationFailed(faults) }
            return report
        }
    }

    /// Digest lists with the number of a new entry that has signed none.
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
        // What older entries say is shown by the tree.
        guard report.hasWholeTree else { return [.treeDamaged(size: size)] }
        var faults = try tableFaults(rows, since: first) + strayRowFaults(rows)
        var check = OwnerCheck(self, rows, session, since: first)
        // Another master key means that every secret's row was written.
        let isRotated = state.epoch != past.state.epoch || state.retiring != past.state.retiring
        if !isRotated, let touched = try rows.touchedOwners(since: first) {
            for owner in touched { faults += try hold(owner, since: first, rows, &check) }
            faults += check.faults
        } else {
            try rows.forEachOwnerRow { try check.hold($0) }
            faults += try check.faults + missingOwners(rows) + testFaults(rows)
        }
        report.count(check)
        return faults
    }

    /// Holds an owner that new entries are about against the newest of them: by this walk's own finding, not by an index.
    private func hold(
        _ touched: TouchedOwner, since first: UInt64, _ rows: Rows, _ check: inout OwnerCheck
    ) throws -> [Tampering] {
        let newest = try rows.newestState(of: touched.id)
        if let state = touched.state, newest?.seq != state {
            return [.database("the index of the entries does not lead to entry \(state)")]
        }
        if let row = try Hex.decode(touched.id).flatMap({ try rows.owner(uid: $0) }) {
            try check.hold(row)
            return try testFaults(of: row, since: first, rows)
        }
        // A member is no owner, and a removed owner has no row.
        guard let newest else { return [] }
        let entry = try rows.knownEntry(newest.entry, seq: newest.seq)
        let isRemoved = entry.action == .removeConnection || entry.action == .removeClient
        return isRemoved ? [] : [.ownerMissing(name: entry.object.name, seq: newest.seq)]
    }

    /// The test that a row names, where a newer one may have come.
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

/// An owner that new entries are about, and the newest of these that tells its state.
private struct TouchedOwner {
    let id: String
    var state: UInt64?
}

extension Rows {
    /// More owners than this are not kept in memory: then every row is held against the ledger.
    private static let mostTouched = 10_000

    /// The owners that entries from `first` on are about, in the order of these; nil where there are too many.
    fileprivate func touchedOwners(since first: UInt64) throws -> [TouchedOwner]? {
        var places: [String: Int] = [:]
        var found: [TouchedOwner] = []
        let isComplete = try forEachTouch(from: first) { seq, id, hasState in
            if places[id] == nil {
                guard found.count < Self.mostTouched else { return false }
                places[id] = found.count
                found.append(TouchedOwner(id: id))
            }
            if hasState { found[places[id]!].state = seq }
            return true
        }
        return isComplete ? found : nil
    }
}
