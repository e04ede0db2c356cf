// The lifecycle of a credential: a version of a secret is *pending* from `rotate start` on, *current* from `rotate finish`
// on, *previous* until its overlap ends, and then destroyed. Each label is on at most one version of a field. The labels
// are part of the owner's newest entry (`OwnerState`), so a rotation survives the end of the program. Version numbers
// are never reused.

public import VaultLedger

/// Why a rotation, or a change of versions, failed. Nothing was changed.
public enum RotationFault: Error, Sendable, Equatable, Codable {
    /// Another rotation has been started, and is not finished.
    case underWay(owner: String, fields: [String], by: String, since: Timestamp)
    /// No rotation is in progress; `fields` are the secrets that one can replace.
    case nothingPending(owner: String, fields: [String])
    /// The pending versions have not passed a test, or failed the last one.
    case untested(owner: String)
    /// An edit destroyed the pending versions, which were sealed to the old settings.
    case settingsEdited(owner: String, fields: [String], by: String, at: Timestamp)
    /// A newer version was set since the rotation started; finishing would replace it by an older one.
    case overtaken(owner: String, field: String, by: String, at: Timestamp)
    /// The pending versions are not those that were tested.
    case replacedSinceTest(owner: String)
    case noPrevious(owner: String, field: String)
    case versionIsCurrent(owner: String, field: String, version: UInt64)
    case noSuchVersion(owner: String, field: String, version: UInt64, versions: [UInt64])
    /// This machine's clock is behind the owner's newest entry, so it can't be used to compute the end of an overlap.
    case clockWentBack(owner: String, now: Timestamp, seen: Timestamp)
    case expiryPast(Timestamp)
}
