public import VaultCrypto
public import VaultLedger

/// The environment of an operation: clock, caller, the user's anchors, and a receiver of notices.
///
/// It is passed in, so that VaultCore itself reads no clock and no environment variable.
public struct Surroundings {
    /// The current time.
    public var now: () -> Timestamp
    /// The program, user and host that entries record.
    public var via: () -> Entry.Via
    /// The anchors of this user.
    public var anchors: AnchorStore
    /// Receives notices while an operation runs.
    public var notice: (Notice) -> Void
    /// The user's reason, recorded in each entry.
    public var reason: String?
    /// The operation id of the next change; nil generates one.
    public var operation: Identifier?
    /// The cost of deriving a key from a new passphrase.
    public var cost = PassphraseCost.default
    /// Whether the caller has canceled. Checked between the transactions of long work.
    public var isCancelled: () -> Bool = { false }

    /// Creates an environment.
    public init(
        now: @escaping () -> Timestamp, via: @escaping () -> Entry.Via, anchors: AnchorStore,
        reason: String? = nil, notice: @escaping (Notice) -> Void = { _ in }
    ) {
        (self.now, self.via, self.anchors, self.reason, self.notice) = (now, via, anchors, reason, notice)
    }
}

/// A message for the user besides the result of an operation.
public enum Notice: Sendable, Equatable, Codable {
    /// This user had no anchor for this vault, so the whole ledger was verified.
    case firstContact(entries: UInt64)
    /// The anchor could not be saved; the next command verifies the new entries again.
    case anchorNotKept(VaultError)
    /// Other users may reach this copy of the file; it can't be changed or unlocked.
    case exposed(path: String, why: String)
    /// COMMIT reported this error, but the change is in the file.
    case savedDespite(VaultError)
    /// The search index was unusable for a change, and has been rebuilt.
    case searchIndexRebuilt
    /// The progress of long work; `of` is 0 if the total is not known.
    case progress(Work, done: UInt64, of: UInt64)
    /// An earlier rotation had stopped halfway; this one resumes it.
    case resuming(epoch: UInt64)
    /// The write-ahead log could not be truncated, so replaced sealed bytes stay in it until the next change: another
    /// process is reading it (`busy`), or the disk is full.
    case logNotEmptied(VaultError)
    /// Deposits of these owners do not open, or hold an invalid value.
    case depositsLeft([String])
    /// These secrets do not open, or differ from what was signed; all others were covered.
    case secretsUncovered([String])
    /// Another member had this name until then. Entries tell the two apart only by id.
    case nameHadBefore(name: String, until: Timestamp)
    /// The agent delays the next attempt after wrong passphrases.
    case mustWait(seconds: Int)

    /// A kind of long work.
    public enum Work: Sendable, Equatable, Codable {
        case verifying, sealing, checking
    }
}

/// The CPU features that the vault's cryptography uses.
public enum Processor {
    /// Whether AES-256-GCM runs on the CPU's AES instructions; the portable code produces the same bytes.
    public static var hasHardwareAES: Bool { CryptoPlatform.hasHardwareAES }
}
