import VaultCrypto
public import VaultLedger

/// What an operation takes from outside: the time, who is asking, where the user's anchors are, and whom to tell.
///
/// Given at the opening, so that nothing in this room looks at a clock or a variable by itself.
public struct Surroundings {
    public var now: () -> Timestamp
    public var via: () -> Entry.Via
    public var anchors: AnchorStore
    /// Told of what a person should hear while the work goes on.
    public var notice: (Notice) -> Void
    public var reason: String?
    /// The id that the entries of the next change get; nil for a new one.
    public var operation: Identifier?
    /// Asked between the transactions of long work: whether nobody waits for it any more.
    public var isCancelled: () -> Bool = { false }

    public init(
        now: @escaping () -> Timestamp, via: @escaping () -> Entry.Via, anchors: AnchorStore,
        reason: String? = nil,
        notice: @escaping (Notice) -> Void = { _ in }
    ) {
        self.now = now
        self.via = via
        self.anchors = anchors
        self.reason = reason
        self.notice = notice
    }
}

/// What a person should hear of, besides the result.
public enum Notice: Sendable, Equatable, Codable {
    /// This user has never verified this vault: all of it was verified now, and is remembered from here on.
    case firstContact(entries: UInt64)
    /// The anchor could not be written: the next command will verify again.
    case anchorNotKept(VaultError)
    /// The file is a copy that others may reach: it is read, and neither written nor unlocked.
    case exposed(path: String, why: String)
    /// COMMIT reported this error, and the change was found in the file all the same.
    case savedDespite(VaultError)
    /// The search index could not be used for a change, and was made again.
    case searchIndexRebuilt
    case progress(Work, done: UInt64, of: UInt64)
    /// Another rotation had stopped halfway; this one goes on with it.
    case resuming(epoch: UInt64)
    /// The write-ahead log could not be emptied, so the replaced sealed bytes stay in it until the next change: another
    /// process reads it (`busy`), or the disk is full.
    case logNotEmptied(VaultError)
    /// Deposits of these owners do not open, or hold what their form does not take.
    case depositsLeft([String])
    /// These secrets do not open, or are not what was signed: they were left out when all others were covered.
    case secretsUncovered([String])
    /// Somebody else had this name until then. Entries name both alike, and tell them apart by their ids.
    case nameHadBefore(name: String, until: Timestamp)
    /// The agent was given wrong passphrases before, and tries the next one only then.
    case mustWait(seconds: Int)

    public enum Work: Sendable, Equatable, Codable {
        case verifying, sealing, checking
    }
}

/// What this machine offers to the vault's cryptography.
public enum Processor {
    /// Whether AES-256-GCM runs on the CPU's own instructions; elsewhere the portable code makes the same bytes.
    public static var hasHardwareAES: Bool { CryptoPlatform.hasHardwareAES }
}
