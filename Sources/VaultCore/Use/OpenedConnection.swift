public import VaultLedger
public import VaultMemory
public import VaultRegistry

/// What a request needs of a connection: its destination, and the values that authorize it.
public struct OpenedConnection: Sendable {
    public let connection: String
    /// Nil for a connection that is not stored yet.
    public let id: Identifier?
    public let connector: Connector
    public let settings: Settings
    public let destination: Destination
    public let authorization: RequestAuthorization
    /// The versions of the opened secrets, by field.
    public let versions: [String: UInt64]
    /// The label of these versions: `pending` in the test of a rotation.
    public let label: SecretLabel
    public let policy: UsePolicy

    /// The names of the headers that carry the authorization, in lower case.
    public var authorizationHeaderNames: Set<String> {
        switch authorization {
        case .none: []
        case .headers(let headers): Set(headers.map { $0.name.lowercased() })
        case .basic: ["authorization"]
        case .token(let plan): [plan.header.name.lowercased()]
        }
    }
}

/// A host and port. Requests use TLS, except to a loopback address if the connector allows plain HTTP.
public struct Destination: Sendable, Hashable {
    public let host: String
    public let port: Int
    public let allowsPlain: Bool

    public init(host: String, port: Int = 443, allowsPlain: Bool = false) {
        self.host = host
        self.port = port
        self.allowsPlain = allowsPlain
    }

    /// The value of the Host header (RFC 9110, section 7.2), without port 443.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? name : "\(name):\(port)"
    }
}

/// How a request is authorized, with the opened secrets.
public enum RequestAuthorization: Sendable {
    case none
    case headers([AuthorizationHeader])
    /// HTTP basic, RFC 7617.
    case basic(user: [ChildVariable.Piece], password: [ChildVariable.Piece])
    /// An access token that has to be requested. The secret of the client is opened only then.
    case token(TokenPlan)
}

/// A header with a value that contains secrets, or a placeholder for a token.
public struct AuthorizationHeader: Sendable {
    public let name: String
    public let value: [ChildVariable.Piece]

    public init(name: String, value: [ChildVariable.Piece]) {
        self.name = name
        self.value = value
    }
}

/// Where an access token is requested, and for what.
public struct TokenPlan: Sendable {
    public let connection: String
    public let client: String
    public let clientID: String
    public let destination: Destination
    public let path: String
    public let style: TokenEndpoint.Style
    public let scopes: [String]
    /// The header that carries the token, with a `.token` placeholder.
    public let header: AuthorizationHeader
    public let label: SecretLabel
    /// The cache key of the token: client, its settings, the version of its secret, host, scopes. After an edit the key
    /// differs, and a new token is requested.
    public let key: String
}

/// A client with its secret, opened to request one token.
public struct OpenedClient: Sendable {
    public let plan: TokenPlan
    public let secret: SharedSecret
}
