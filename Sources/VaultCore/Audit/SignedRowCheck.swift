import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

/// Whether an owner's rows are what its newest entry says, by writing the state that the rows make and comparing texts.
///
/// An entry has one text, so the state in it has one too. It says yes where an owner is as it was created, and otherwise
/// leaves the question to `Rows.faults` and `dateFaults`, which look at its history, and find out what is wrong.
struct SignedRowCheck {
    private var reader = EntryReader()
    private var writer = JSONWriter(capacity: 512)

    mutating func isSigned(
        _ owner: OwnerRow, _ settings: Settings?, _ stored: [SecretRow],
        _ newest: (seq: UInt64, entry: [UInt8]), _ known: SealedOwner, _ ledger: LedgerState,
        _ rows: Rows
    ) throws -> Bool {
        guard let facts = reader.read(newest.entry), facts.seq == newest.seq, let signed = facts.state,
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
    /// Whether its sealed bytes are those that the ledger says, which in a covered vault says so.
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
