public import VaultMemory

/// An environment variable for a child process, composed of plain text and secrets.
public struct ChildVariable: Sendable, Codable {
    /// The name of the environment variable.
    public let name: String
    /// The parts of the value, in order.
    public let pieces: [Piece]
    /// Whether the value is the content of a file, and the variable its path.
    public let isFile: Bool
    /// The connection that it belongs to.
    public let connection: String

    /// A part of a value.
    public enum Piece: Sendable, Codable {
        case text(String)
        case secret(SharedSecret)
        /// A placeholder for an access token of this connection, which has to be requested over the network.
        case token(connection: String)
    }

    /// The secrets in the value, in order.
    public var secrets: [SharedSecret] {
        pieces.compactMap { if case .secret(let secret) = $0 { secret } else { nil } }
    }

    /// Creates a variable.
    public init(name: String, pieces: [Piece], isFile: Bool, connection: String) {
        (self.name, self.pieces, self.isFile, self.connection) = (name, pieces, isFile, connection)
    }

    /// The connection of a token that is still missing, or nil.
    public var missingToken: String? {
        for piece in pieces { if case .token(let connection) = piece { return connection } }
        return nil
    }

    /// Replaces every token placeholder with a token.
    public func with(token: SharedSecret) -> ChildVariable {
        let filled = pieces.map { piece -> Piece in
            if case .token = piece { .secret(token) } else { piece }
        }
        return ChildVariable(name: name, pieces: filled, isFile: isFile, connection: connection)
    }
}
