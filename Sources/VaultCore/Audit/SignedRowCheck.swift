import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

/// A quick check of an owner that was not changed since it was created: encodes the state that its rows have, and compares
/// it with the bytes of its newest entry: the encoding of entries is canonical.
///
/// If this fails, `Rows.faults` and `dateFaults` look at the owner's history to find out whether something is wrong.
struct SignedRowCheck {
    private var writer = JSONWriter(capacity: 512)

    mutating func isSigned(
        _ owner: OwnerRow, _ settings: Settings?, _ stored: [SecretRow],
        _ newest: (seq: UInt64, entry: [UInt8]), _ known: SealedOwner, _ ledger: LedgerState,
        _ rows: Rows
    ) throws -> Bool {
        guard let facts = EntryFacts(bytes: newest.entry), facts.seq == newest.seq, let signed = facts.state,
            facts.kind == owner.ownerKind.objectKind, facts.action == owner.ownerKind.creation,
            let digest = settings.flatMap(owner.settingsDigest)
        else { return false }
        var state = OwnerState(
            settingsDigest: digest,
            annotations: annotationsDigest(note: owner.note, tags: try rows.tags(of: owner.id)), secrets: [])
        for row in stored {
            guard row.settingsDigest == digest, let label = SecretLabel(rawValue: row.label),
                row.setAt == facts.time.text, row.setBy == facts.actor.name, row.hasNoOtherDates
            else { return false }
            let rotateBy = row.rotateBy.flatMap { Timestamp(text: $0) }
            guard rotateBy?.text == row.rotateBy else { return false }
            guard
                let bytes = facts.versions.first(where: { $0.field == row.field && $0.version == row.version }
                ),
                let place = known.place(row.field, row.version),
                row.isSealed(as: known.versions[place], ledger)
            else { return false }
            let digest = bytes.digest?.bytes
            state.secrets.append(
                OwnerState.Secret(
                    field: row.field, version: row.version, label: label, epoch: bytes.epoch,
                    sealed: bytes.isDeposit ? nil : digest, deposit: bytes.isDeposit ? digest : nil,
                    rotateBy: rotateBy))
        }
        writer.reset()
        state.write(to: &writer)
        return writer.bytes.elementsEqual(newest.entry[signed])
    }
}

extension SecretRow {
    /// Whether its sealed bytes have the digest and epoch in the ledger, which has both if the vault is covered.
    fileprivate func isSealed(as signed: SealedVersion, _ ledger: LedgerState) -> Bool {
        let isOfEpoch =
            signed.epoch.map { $0 == epoch } ?? (ledger.secrets?.isCovered == false && ledger.isInUse(epoch))
        guard isOfEpoch, listed == signed.list else { return false }
        guard let digest = signed.digest else { return Seal.isWellFormed(sealed) }
        return unsafe sealed.withUnsafeBytes { unsafe Digest.sha256($0) } == digest
    }

    fileprivate var hasNoOtherDates: Bool {
        [expiresAt, keepUntil, testedAt, usedAt].allSatisfy { $0 == nil }
    }
}
