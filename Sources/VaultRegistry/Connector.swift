/// The description of an external system: the form of a connection, and how a connection is used.
///
/// A connector is read from one YAML file (docs/connectors.md) and holds no value of any connection. This module decides
/// what a connection may hold. It never reads a file or a database, and of a secret it only decides which bytes to keep.
public struct Connector: Sendable, Equatable {
    /// The name that commands use: `[a-z0-9-]{1,64}`, not beginning with a hyphen.
    public let name: String
    /// The system's name, for people.
    public let title: String
    /// One sentence about the system.
    public let summary: String
    /// The hosts that a connection may send to. A connection with any other host is rejected when it is saved.
    public let hosts: [HostPattern]
    /// The fields of a connection, in order, without its name.
    public let fields: [Field]
    /// The form of this system's OAuth 2.0 clients, or nil if it has none.
    public let client: OAuthClientForm?
    let authentications: [Recipe<Authentication>]
    let tests: [Recipe<TestRequest>]
    let variables: [Recipe<Variable>]
    let addresses: [Recipe<Template>]
    /// The port of a connection, or nil for the default port of the scheme.
    let port: Template?
    /// Whether plain HTTP is allowed to a loopback address. It is never allowed to any other.
    public let allowsPlainLoopback: Bool
    /// The YAML text of the connector's file.
    public internal(set) var source = ""

    /// The names of the environment variables that `exec` can set, in order, each once.
    public var variableNames: [String] {
        var seen: Set<String> = []
        return variables.map(\.value.name).filter { seen.insert($0).inserted }
    }

    /// Returns the field of a connection with a key.
    public func field(_ key: String) -> Field? { fields.first { $0.key == key } }

    /// The field that refers to an OAuth 2.0 client by its name, or nil.
    public var clientReference: Field? { fields.first { $0.isClientReference } }
}

/// Encoded as the text of its file.
extension Connector: Codable {
    /// Reads the connector from the text of its file.
    ///
    /// - Throws: `ConnectorFileError`, or an error of the decoder.
    public init(from decoder: any Decoder) throws {
        try self.init(yaml: try decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the text of the file.
    ///
    /// - Throws: An error of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}

/// The form of an OAuth 2.0 client, and the endpoint that issues its tokens.
///
/// Many connections can share a client. Its secret is only sent to hosts in the client's `valid-domain-names`; the list
/// of each connection must be a subset of it.
public struct OAuthClientForm: Sendable, Equatable {
    /// Steps to create a client, one on each line.
    let howToGet: String?
    /// The fields of a client, in order, without its name.
    public let fields: [Field]
    /// The endpoint that issues access tokens.
    public let token: TokenEndpoint

    func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

/// A value that applies under a condition.
///
/// In a list of recipes, the first one with a condition that holds is used. All variables with such a condition are
/// used.
struct Recipe<Value: Sendable & Equatable>: Sendable, Equatable {
    let condition: Condition
    let value: Value
}

/// Keys with the same meaning in every connector.
public enum WellKnownKey {
    /// The identifier of an OAuth 2.0 client.
    public static let clientID = "client-id"
    /// The secret of an OAuth 2.0 client.
    public static let clientSecret = "client-secret"
    /// The hosts that may receive the token of a connection, or the secret of a client.
    static let validDomainNames = "valid-domain-names"
}
