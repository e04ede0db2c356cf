/// Why a request to an agent failed.
public enum AgentFault: Error, Sendable, Equatable, Codable {
    /// The agent is locked.
    case locked
    /// The agent was locked during the request.
    case lockedDuringRequest
    /// The agent has the vault unlocked for another member.
    case otherMember(open: String, wanted: String)
    /// The agent uses an older version of the protocol.
    case older(version: String)
    /// The agent uses a newer version of the protocol.
    case newer(version: String)
    /// The socket, its folder, or the process that listens on it does not belong to this user.
    case foreign(path: String, why: String)
    /// The path of the socket is too long for the system.
    case pathTooLong(path: String, limit: Int)
    /// Another agent of this vault is running.
    case running(path: String)
    case noAnswer(path: String, why: String)
    /// The agent closed the connection in the middle of a response.
    case gone
    /// The agent closed the connection without a response; the change is in the ledger, from this entry on.
    case goneAfterChange(seq: UInt64)
    /// The agent closed the connection without a response; the change was not made.
    case goneWithoutChange
    /// A message violates the protocol.
    case malformed
    /// The agent has too many clients or requests, or a request is too large.
    case overloaded
    /// The agent does not know this request.
    case unknownRequest(String)
    /// The agent's program was not found.
    case programMissing(looked: [String])
    /// The agent's program could not be started.
    case notStarted(path: String, why: String)
}
