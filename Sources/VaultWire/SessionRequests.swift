public import VaultCore
public import VaultLedger

/// Unlocks the agent's vault, or extends the time for which it is unlocked.
public struct Unlock: Request {
    /// The state after unlocking.
    public typealias Answer = AgentStatus
    /// The member to unlock for; nil for the default (`Vault.member(named:with:)`).
    public let member: String?
    /// What unlocks the member's identity.
    public let credential: Credential
    /// After how many seconds to lock, including the time that the machine sleeps; nil to stay unlocked until the agent
    /// exits.
    public let seconds: Int64?

    /// Creates the request.
    public init(_ member: String?, with credential: Credential, seconds: Int64?) {
        (self.member, self.credential, self.seconds) = (member, credential, seconds)
    }
}

/// Locks the agent's vault: wipes every key and ends all running requests.
public struct Lock: Request {
    public typealias Answer = Done

    /// Creates the request.
    public init() {}
}

/// Returns the agent's state.
public struct GetStatus: Request {
    /// The state.
    public typealias Answer = AgentStatus

    /// Creates the request.
    public init() {}
}

/// The state of an agent.
public struct AgentStatus: Codable, Sendable, Equatable {
    /// The agent's process ID.
    public let pid: Int32
    /// The agent's program version.
    public let version: String
    /// The unlocked session; nil while the vault is locked.
    public let session: Session?
    /// Bytes of the agent's memory that are locked, and so kept out of swap; nil if the system does not report it.
    public let lockedMemory: Int64?
    /// Whether memory for secrets is locked.
    public let memoryIsLocked: Bool

    /// The unlocked member, and for how long.
    public struct Session: Codable, Sendable, Equatable {
        /// The member's name.
        public let member: String
        /// When the vault was unlocked.
        public let since: Timestamp
        /// When it locks by itself; nil for when the agent exits.
        public let until: Timestamp?

        /// Creates a session's description.
        public init(member: String, since: Timestamp, until: Timestamp?) {
            (self.member, self.since, self.until) = (member, since, until)
        }
    }

    /// Creates a status.
    public init(pid: Int32, version: String, session: Session?, lockedMemory: Int64?, memoryIsLocked: Bool) {
        (self.pid, self.version, self.session) = (pid, version, session)
        (self.lockedMemory, self.memoryIsLocked) = (lockedMemory, memoryIsLocked)
    }
}
