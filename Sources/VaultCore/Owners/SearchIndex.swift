import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

// The search index is a projection of the owners' rows (docs/format.md, section 10): it is compared with them by
// `audit verify` and `doctor`, and made again from them by `doctor --repair` and by the next change that meets it broken.

extension Vault {
    /// Whether the search index is what the owners' rows make.
    public func isSearchIndexWhole() throws(VaultError) -> Bool {
        try VaultError.catching { try read { try searchIndexFaults($0).isEmpty } }
    }

    /// Makes the search index again from the owners' rows. No entry says so: nothing that the ledger says has changed.
    public func repairSearchIndex() throws(VaultError) {
        try VaultError.catching {
            _ = try file.write(isWritten: { try $0.isWordIndexWhole() }) { rows in
                try rows.rebuildWords { add in
                    try rows.forEachOwnerRow { owner in
                        try add(owner.id, owner.words(owner.readSettings ?? [:], try rows.tags(of: owner.id)))
                    }
                }
            }
        }
    }

    /// Compares the words of each owner with those that the index has, and the index with these.
    func searchIndexFaults(_ rows: Rows) throws -> [Tampering] {
        var (owners, isRight) = (0, true)
        try rows.forEachOwnerWithWords { owner, indexed in
            owners += 1
            guard isRight else { return }
            let words = owner.words(owner.readSettings ?? [:], try rows.tags(of: owner.id))
            isRight = indexed.map { Self.isSameWords($0, words) } ?? false
        }
        guard isRight, try rows.countWords() == owners, try rows.isWordIndexWhole() else {
            return [.searchIndex]
        }
        return []
    }

    /// Whether both have the same words, each as often. Their order is no part of the index.
    private static func isSameWords(_ a: String, _ b: String) -> Bool {
        if a.hasSameBytes(as: b) { return true }
        func words(_ text: String) -> [Substring.UTF8View] {
            text.utf8.split(separator: 0x20).sorted { $0.lexicographicallyPrecedes($1) }
        }
        return words(a).elementsEqual(words(b)) { $0.elementsEqual($1) }
    }
}
