import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

// The search index is a projection of the owners' rows (docs/format.md, section 10): it is compared with them by
// `audit verify` and `doctor`, and rebuilt by `doctor --repair` and by the next change that fails because of it.

extension Vault {
    /// Whether the search index agrees with the owners' rows.
    ///
    /// - Throws: The errors of reading the vault.
    public func isSearchIndexWhole() throws(VaultError) -> Bool {
        try VaultError.catching { try read { try searchIndexFaults($0).isEmpty } }
    }

    /// Rebuilds the search index from the owners' rows. It is not recorded, since nothing that the ledger covers changes.
    ///
    /// - Throws: `busy`, `full`, `readOnly` or `io` if the file can't be written.
    public func repairSearchIndex() throws(VaultError) {
        try VaultError.catching {
            _ = try file.write(isWritten: { try $0.isSearchIndexIntact() }) { rows in
                try rows.rebuildSearchIndex { add in
                    try rows.forEachOwnerRow { owner in
                        try add(owner.id, owner.words(try rows.tags(of: owner.id)))
                    }
                }
            }
        }
    }

    /// Compares the words of each owner with the index, in both directions.
    func searchIndexFaults(_ rows: Rows) throws -> [Tampering] {
        var (owners, isRight) = (0, true)
        try rows.forEachOwnerWithSearchTerms { owner, indexed in
            owners += 1
            guard isRight else { return }
            let words = owner.words(try rows.tags(of: owner.id))
            isRight = indexed.map { Self.isSameWords($0, words) } ?? false
        }
        guard isRight, try rows.countIndexedOwners() == owners, try rows.isSearchIndexIntact() else {
            return [.searchIndex]
        }
        return []
    }

    /// Whether both have the same words, each the same number of times, in any order.
    private static func isSameWords(_ a: String, _ b: String) -> Bool {
        if a.hasSameBytes(as: b) { return true }
        func words(_ text: String) -> [Substring.UTF8View] {
            text.utf8.split(separator: 0x20).sorted { $0.lexicographicallyPrecedes($1) }
        }
        return words(a).elementsEqual(words(b)) { $0.elementsEqual($1) }
    }
}
