import VaultCrypto
import VaultLedger
import VaultStore

// Older programs recorded no digests of sealed bytes. The first change by a member who may open secrets records them for
// all secrets (docs/format.md, section 11). A secret that does not open at that time was altered before.
extension Transaction {
    /// Records the digests of all secrets that no entry covers, if that was not done yet.
    ///
    /// A secret that does not open, or has rows that differ from the ledger, is left out and returned: it must not block
    /// every change, and must not be signed. Does nothing if the master key cannot be opened.
    ///
    /// - Returns: The secrets that were left out, or nil if there was nothing to do.
    mutating func coverSecrets(_ notice: (Notice) -> Void) throws -> [String]? {
        guard let counts = state.secrets, !counts.isCovered, !session.isDepositing,
            member.mayDo(.coverSecrets)
        else { return nil }
        guard counts.uncovered > 0 else {
            try recordCover([])
            return []
        }
        var keys: [UInt64: Session.KeyBox] = [:]
        for epoch in [state.retiring, state.epoch].compactMap({ $0?.number }) {
            do { keys[epoch] = try session.masterKey(epoch, ledger, rows) } catch is VaultError { return nil }
        }
        return try coverSecrets(with: keys, of: counts.uncovered, notice)
    }

    private mutating func coverSecrets(
        with keys: [UInt64: Session.KeyBox], of count: UInt64, _ notice: (Notice) -> Void
    ) throws -> [String] {
        var done: UInt64 = 0
        var left: [String] = []
        var list: [(row: Int64, item: DigestList.Item)] = []
        var isAny = false
        var after: Int64 = 0
        while true {
            let owners = try rows.owners(after: after, limit: Self.ownersAtOnce)
            guard let last = owners.last else { break }
            after = last.id
            for owner in owners {
                let found = try uncovered(of: owner, keys, &left)
                if list.count + found.count > DigestList.maximumCount {
                    try recordCover(list)
                    (list, isAny) = ([], true)
                }
                list += found
                done += UInt64(found.count)
            }
            if count > 4096 { notice(.progress(.sealing, done: done, of: count)) }
        }
        // Even an empty list marks the vault as covered.
        if !list.isEmpty || !isAny { try recordCover(list) }
        return left
    }

    private static let ownersAtOnce = 256

    /// The secrets of an owner that no entry covers, after opening each.
    private func uncovered(
        of owner: OwnerRow, _ keys: [UInt64: Session.KeyBox], _ left: inout [String]
    ) throws -> [(row: Int64, item: DigestList.Item)] {
        guard let known = try checks.owner(owner.key, rows, ledger),
            known.versions.contains(where: { !$0.isCovered })
        else { return [] }
        let isSigned: Bool
        do {
            _ = try signedState(of: owner)
            isSigned = true
        } catch VaultError.integrity(.tampered) {
            isSigned = false
        }
        let stored = try rows.secrets(of: owner.id)
        var found: [(row: Int64, item: DigestList.Item)] = []
        for version in known.versions where !version.isCovered {
            let row = stored.first { $0.field == version.field && $0.version == version.version }
            if isSigned, let row, opens(row, of: owner, isDeposit: version.isDeposit, keys) {
                let digest = unsafe row.sealed.withUnsafeBytes { unsafe Digest.sha256($0) }
                let item = DigestList.Item(
                    owner: owner.key, field: row.field, version: row.version, epoch: row.epoch, digest: digest
                )
                found.append((row.id, item))
            } else {
                left.append("\(owner.name): \(version.field)")
            }
        }
        return found
    }

    private func opens(
        _ row: SecretRow, of owner: OwnerRow, isDeposit: Bool, _ keys: [UInt64: Session.KeyBox]
    ) -> Bool {
        guard let key = keys[row.epoch] else { return false }
        return key.key.open(row.sealed, address(of: row, owner), isDeposit: isDeposit) != nil
    }

    private mutating func recordCover(_ list: [(row: Int64, item: DigestList.Item)]) throws {
        let seq = ledger.range.size
        for secret in list { try rows.setDigestList(secret.row, seq) }
        try record(
            .coverSecrets, Entry.Object(.vault, name: "vault"), list: DigestList.encode(list.map(\.item)),
            of: list.count)
    }
}
