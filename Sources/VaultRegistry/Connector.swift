/// What one outside system needs to be talked to: the form of a connection, and the recipes that use it.
///
/// Rule of this room: it decides what a connection may hold and says so in words; it never reads a file, never
/// touches a database, and never sees more of a secret than which of its bytes to keep. A connector is read from
/// one YAML file (`docs/connectors.md`), and holds no value of any connection.
public struct Connector: Sendable, Equatable {
    /// The name that commands use: `[a-z0-9-]{1,64}`.
    public let name: String
    public let title: String
    public let summary: String
    /// Where a connection may send anything at all; a host outside is refused when the connection is saved.
    public let hosts: [HostPattern]
    /// The form, in order. A connection's name is not among them: every connection has one.
    public let fields: [Field]
    /// The form of this system's OAuth 2.0 clients, when it has such clients.
    public let client: OAuthClientForm?
    public let authentications: [Recipe<Authentication>]
    public let tests: [Recipe<TestRequest>]
    public let variables: [Recipe<Variable>]
    /// The host that a connection talks to, and its port where it is not the scheme's own.
    public let addresses: [Recipe<Template>]
    public let port: Template?
    /// True when plain HTTP may be spoken to a loopback address; never to any other.
    public let allowsPlainLoopback: Bool

    /// The field of a connection with this key.
    public func field(_ key: String) -> Field? { fields.first { $0.key == key } }

    /// The field, if any, that refers to an OAuth 2.0 client by its name.
    public var clientReference: Field? { fields.first { $0.isClientReference } }
}

/// The form of an OAuth 2.0 client, and where its tokens come from.
///
/// A client is shared by many connections. Its secret goes only to a host in the client's own list
/// `valid-domain-names`; a connection's list must be a part of that one.
public struct OAuthClientForm: Sendable, Equatable {
    public let howToGet: String?
    public let fields: [Field]
    public let token: TokenEndpoint

    public func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

/// Something that is done one way or another, as the settings say.
///
/// The first recipe of a list whose condition holds is taken; of variables, all whose condition holds.
public struct Recipe<What: Sendable>: Sendable {
    public let condition: Condition
    public let what: What
}

// Not required of `What` itself: each requirement is looked up for each kind of recipe when the program runs.
extension Recipe: Equatable where What: Equatable {}

/// The keys that mean the same in every connector.
public enum WellKnownKey {
    public static let clientID = "client-id"
    public static let clientSecret = "client-secret"
    public static let validDomainNames = "valid-domain-names"
    public static let scopes = "scopes"
}
