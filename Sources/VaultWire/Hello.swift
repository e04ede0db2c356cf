public import VaultCore

/// The first message of each side of a connection.
public struct Hello: Codable, Sendable {
    /// The protocol version of this program. Raise it with every change to a request or an answer.
    static let currentProtocolVersion = 6

    /// The sender's protocol version; `form` in JSON, which every version reads.
    let protocolVersion: Int
    /// The sender's program version, for messages.
    let version: String
    /// From an agent: the member who has unlocked the vault; nil while it is locked.
    let unlockedAs: String?

    /// A hello of this program.
    public init(version: String, unlockedAs: String? = nil) {
        (protocolVersion, self.version, self.unlockedAs) = (Self.currentProtocolVersion, version, unlockedAs)
    }

    private enum CodingKeys: String, CodingKey {
        case protocolVersion = "form"
        case version, unlockedAs
    }

    /// Compares the sender's protocol version with this program's.
    ///
    /// - Throws: `older` or `newer` if they differ.
    public func checkVersion() throws(VaultError) {
        if protocolVersion < Self.currentProtocolVersion { throw .agent(.older(version: version)) }
        if protocolVersion > Self.currentProtocolVersion { throw .agent(.newer(version: version)) }
    }
}
