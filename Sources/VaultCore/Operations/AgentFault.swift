/// Why an agent could not do what it was asked.
public enum AgentFault: Error, Sendable, Equatable, Codable {
    /// It is there, and locked.
    case locked
    /// It was locked while it worked.
    case lockedMeanwhile
    /// It has the vault unlocked for somebody else.
    case otherMember(open: String, wanted: String)
    /// It speaks an older form of the protocol, or a newer one.
    case older(version: String)
    case newer(version: String)
    /// The socket, its folder, or the process behind it is not this user's own.
    case foreign(path: String, why: String)
    /// The path of the socket is longer than the system takes.
    case pathTooLong(path: String, limit: Int)
    /// Another agent of this vault runs already.
    case running(path: String)
    case noAnswer(path: String, why: String)
    /// It ended, or hung up, in the middle of an answer.
    case gone
    /// It ended before it answered, and what it was asked for is in the ledger from this entry on.
    case goneAfterChange(seq: UInt64)
    /// It ended before it answered, and what it was asked for did not happen.
    case goneWithoutChange
    /// What it said, or what was said to it, is not in the form of the protocol.
    case malformed
    /// More at once than it holds.
    case overloaded
    /// What it was asked is nothing that it knows.
    case unknownQuestion(String)
    /// The program is not where it is looked for.
    case programMissing(looked: [String])
    case notStarted(path: String, why: String)
}
