public import VaultLedger
public import VaultRegistry

/// What a request needs of a connection: its destination, and the values that authorize it.
public struct OpenedConnection: Sendable {
    /// The name of the connection.
    public let connection: String
    /// Nil for a connection that is not stored yet.
    public let id: Identifier?
    /// The connector, which defines its requests.
    public let connector: Connector
    /// The normalized settings.
    public let settings: Settings
    /// The host and port to send requests to.
    public internal(set) var destination: Destination
    /// What authorizes a request.
    public internal(set) var authorization = RequestAuthorization.none
    /// The versions of the opened secrets, by field.
    public internal(set) var versions: [String: UInt64] = [:]
    /// The label of these versions: `pending` in the test of a rotation.
    public let label: SecretLabel
    /// The policy when the connection was opened.
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
    /// The host name or IP address, an IPv6 address without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int
    /// Whether plain HTTP may be tried if TLS fails: the host is loopback, and the connector allows it.
    public let allowsPlain: Bool

    /// Creates a destination.
    public init(host: String, port: Int = 443, allowsPlain: Bool = false) {
        (self.host, self.port, self.allowsPlain) = (host, port, allowsPlain)
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
    /// The name of the header.
    public let name: String
    /// The parts of the value, in order.
    public let value: [ChildVariable.Piece]
}

/// Where an access token is requested, and for what.
public struct TokenPlan: Sendable {
    /// The name of the connection.
    public let connection: String
    /// The name of the client.
    public let client: String
    /// The client identifier (RFC 6749, section 2.2).
    public let clientID: String
    /// The host and port of the token endpoint.
    public let destination: Destination
    /// The path of the token endpoint.
    public let path: String
    /// How the client authenticates.
    public let style: TokenEndpoint.Style
    /// The requested scopes (RFC 6749, section 3.3); empty leaves out the parameter.
    public let scopes: [String]
    /// The header that carries the token, with a `.token` placeholder.
    public let header: AuthorizationHeader
    /// The label of the client secret's version to use.
    public let label: SecretLabel
    /// The cache key of the token: client, its settings, the version of its secret, host, scopes. After an edit the key
    /// differs, and a new token is requested.
    public internal(set) var key = ""
}
