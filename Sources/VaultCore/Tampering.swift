public import VaultLedger

/// One thing in the file that the ledger does not say, or says otherwise.
public enum Tampering: Error, Sendable, Equatable, Codable {
    /// The settings are not those that the newest entry tells of; the secrets do not open with them.
    case settingsChanged(owner: String, signedBy: String, at: Timestamp)
    case annotationsChanged(owner: String, signedBy: String, at: Timestamp)
    case ownerUnsigned(owner: String)
    case ownerMissing(name: String, seq: UInt64)
    case secretMissing(owner: String, field: String)
    case secretUnsigned(owner: String, field: String)
    case secretStale(owner: String, field: String, found: UInt64, signed: UInt64)
    /// Its label, or when it is due or destroyed, is not what was signed.
    case secretRelabelled(owner: String, field: String, version: UInt64)
    /// When and by whom it was set, when it expires, or when it was last tested or used, is not what the ledger tells.
    case secretMisdated(owner: String, field: String, version: UInt64)
    case secretEmptied(owner: String, field: String)
    case secretRetired(owner: String, field: String, epoch: UInt64)
    case secretDoesNotOpen(owner: String, field: String)
    /// Its sealed bytes, or the master key that they are said to be sealed under, are not the signed ones.
    case secretExchanged(owner: String, field: String)
    /// An older program sealed it, and it did not open when the vault's secrets were covered.
    case secretUncovered(owner: String, field: String)
    case entryCutOut(expected: UInt64, found: UInt64)
    case entryAltered(seq: UInt64)
    case treeDamaged(size: UInt64)
    case memberRow(name: String)
    case slotRow(member: String)
    case slotMissing(member: String)
    /// Its kind is not the one that it was added with, or it does not have the form of a slot.
    case slotAltered(member: String)
    case epochRow(epoch: UInt64)
    case grantRow(epoch: UInt64)
    case connectorRow(name: String)
    /// The row that names a connection's newest test does not name it.
    case testRow(owner: String)
    /// A list of digests is not the one that entry `seq` has signed, or there is one that none has.
    case digestList(seq: UInt64)
    case database(String)
    /// A row with a number that no row of this table has, which nothing reads.
    case strayRow(table: String, number: Int64)
    /// The search index is not what the rows of connections and clients make.
    case searchIndex
}
