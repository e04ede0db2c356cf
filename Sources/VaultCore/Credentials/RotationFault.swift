// The folder's rule: the life of a credential. A version of a secret is *pending* from `rotate start` on, *current*
// from `rotate finish` on, *previous* until its overlap ends, and then destroyed; of one field at most one version has
// each label. The labels are what the newest entry about the owner says (`OwnerState`), the rows follow it; so where
// a rotation stands survives whatever stops a program. No version's number is ever given again.

public import VaultLedger

/// What a rotation, or a change of versions, can fail with; nothing was changed.
public enum RotationFault: Error, Sendable, Equatable, Codable {
    /// A rotation is going on; somebody else may be in the middle of it.
    case underWay(owner: String, fields: [String], by: String, since: Timestamp)
    case nothingPending(owner: String)
    /// The pending versions have not passed a test, or failed the last one.
    case untested(owner: String)
    /// The pending versions were destroyed by an edit, since they were sealed to the settings before it.
    case settingsEdited(owner: String, by: String, at: Timestamp)
    /// Somebody set a newer version meanwhile: to finish would put an older one in its place.
    case overtaken(owner: String, field: String, by: String, at: Timestamp)
    /// The pending versions are not those that were tested.
    case replacedMeanwhile(owner: String)
    case noPrevious(owner: String, field: String)
    case versionIsCurrent(owner: String, field: String, version: UInt64)
    case noSuchVersion(owner: String, field: String, version: UInt64, versions: [UInt64])
    /// This machine's clock stands before the owner's newest entry, so no end of an overlap can be told from it.
    case clockWentBack(owner: String, now: Timestamp, seen: Timestamp)
    case expiryPast(Timestamp)
}
