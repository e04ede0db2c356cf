public import VaultLedger

/// A difference between the file and its ledger.
public enum Tampering: Error, Sendable, Equatable, Codable {
    /// The settings differ from the newest entry, so the secrets do not open with them.
    case settingsChanged(owner: String, signedBy: String, at: Timestamp)
    case annotationsChanged(owner: String, signedBy: String, at: Timestamp)
    case ownerUnsigned(owner: String)
    case ownerMissing(name: String, seq: UInt64)
    case secretMissing(owner: String, field: String)
    case secretUnsigned(owner: String, field: String)
    case secretStale(owner: String, field: String, found: UInt64, signed: UInt64)
    /// Its label, due date or end of overlap differs from the ledger.
    case secretRelabelled(owner: String, field: String, version: UInt64)
    /// The time or author of its version, its expiry, or its last test or use differs from the ledger.
    case secretMisdated(owner: String, field: String, version: UInt64)
    case secretEmptied(owner: String, field: String)
    case secretRetired(owner: String, field: String, epoch: UInt64)
    case secretDoesNotOpen(owner: String, field: String)
    /// Its sealed bytes or their epoch differ from the ledger.
    case secretExchanged(owner: String, field: String)
    /// An older program sealed it, and it did not open when the vault's secrets were covered.
    case secretUncovered(owner: String, field: String)
    case entryCutOut(expected: UInt64, found: UInt64)
    case entryAltered(seq: UInt64)
    case treeDamaged(size: UInt64)
    case memberRow(name: String)
    case slotRow(member: String)
    case slotMissing(member: String)
    /// It is malformed, or has another kind than it was added with.
    case slotAltered(member: String)
    case epochRow(epoch: UInt64)
    case grantRow(epoch: UInt64)
    case connectorRow(name: String)
    /// The row that names a connection's newest test does not name it.
    case testRow(owner: String)
    /// The digest list of entry `seq` does not match the digest in the entry, or the entry has no digest.
    case digestList(seq: UInt64)
    case database(String)
    /// A row with a number outside the valid range, which nothing reads.
    case strayRow(table: String, number: Int64)
    /// The search index differs from the rows of connections and clients.
    case searchIndex
}
