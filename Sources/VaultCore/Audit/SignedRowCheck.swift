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
        _ newest: (seq: UInt64, entry: [UInt8]), _ rows: Rows
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
            let isDeposit = Deposit.isWellFormed(row.sealed)
            guard isDeposit || Seal.isWellFormed(row.sealed) else { return false }
            state.secrets.append(
                OwnerState.Secret(
                    field: row.field, version: row.version, label: label,
                    deposit: isDeposit ? Digest.sha256(row.sealed) : nil, rotateBy: rotateBy))
        }
        writer.reset()
        state.write(to: &writer)
        return writer.bytes.elementsEqual(newest.entry[signed])
    }
}

extension SecretRow {
    fileprivate var hasNoOtherDates: Bool {
        [expiresAt, keepUntil, testedAt, usedAt].allSatisfy { $0 == nil }
    }
}
