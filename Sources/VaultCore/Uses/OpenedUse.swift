public import VaultLedger
public import VaultMemory
public import VaultRegistry

/// A connection as far as a request needs it: where to, and what proves who it comes from.
public struct OpenedUse: Sendable {
    public let connection: String
    /// nil for a connection that is not stored yet.
    public let id: Identifier?
    public let connector: Connector
    public let settings: Settings
    public let destination: Destination
    public let proof: RequestProof
    /// The versions of the secrets that are in it, by field.
    public let versions: [String: UInt64]
    /// Which secrets these are: `pending` when a rotation tests its new ones.
    public let label: SecretLabel
    public let policy: UsePolicy

    /// The names, in lower case, of the headers that the proof is sent in.
    public var ownHeaders: Set<String> {
        switch proof {
        case .none: []
        case .headers(let headers): Set(headers.map { $0.name.lowercased() })
        case .basic: ["authorization"]
        case .token(let plan): [plan.header.name.lowercased()]
        }
    }
}

/// One host and port; TLS, but for this machine itself where the connector says that plain HTTP will do.
public struct Destination: Sendable, Hashable {
    public let host: String
    public let port: Int
    public let allowsPlain: Bool

    public init(host: String, port: Int = 443, allowsPlain: Bool = false) {
        self.host = host
        self.port = port
        self.allowsPlain = allowsPlain
    }

    /// As the Host header has it (RFC 9110, section 7.2); port 443 is left out.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? name : "\(name):\(port)"
    }
}

/// What proves who a request comes from, with the secrets in their places.
public enum RequestProof: Sendable {
    case none
    case headers([ProofHeader])
    /// HTTP basic, RFC 7617.
    case basic(user: [ChildVariable.Piece], password: [ChildVariable.Piece])
    /// An access token that has to be minted; the client's secret is not opened for it before.
    case token(TokenPlan)
}

/// A header whose value has secrets in it, or the place for a token.
public struct ProofHeader: Sendable {
    public let name: String
    public let value: [ChildVariable.Piece]

    public init(name: String, value: [ChildVariable.Piece]) {
        self.name = name
        self.value = value
    }
}

/// Where a token comes from, and what it is for.
public struct TokenPlan: Sendable {
    public let connection: String
    public let client: String
    public let clientID: String
    public let destination: Destination
    public let path: String
    public let style: TokenEndpoint.Style
    public let scopes: [String]
    /// How the token is sent; `.token` marks its place.
    public let header: ProofHeader
    public let label: SecretLabel
    /// Names what a token depends on: client, its settings and secret's version, host, scopes. A token that was minted
    /// under another key is no longer used, so that an edited client is asked anew.
    public let key: String
}

/// A client's secret, opened to mint one token.
public struct OpenedClient: Sendable {
    public let plan: TokenPlan
    public let secret: SharedSecret
}

/// Which uses an admin allows, everything where nothing was said; and the program that makes new secrets.
public struct UsePolicy: Sendable, Equatable {
    /// nil: all of them.
    public var uses: Set<Use>?
    /// Of `request` and `proxy`; empty: all of the connection's host.
    public var paths: [PathRule] = []
    /// The program that `vault rotate` runs for new secrets: an absolute path.
    public var rotateWith: String?

    public init(uses: Set<Use>? = nil, paths: [PathRule] = [], rotateWith: String? = nil) {
        self.uses = uses
        self.paths = paths
        self.rotateWith = rotateWith
    }

    /// What of it goes to another vault: a path names another program on another machine, and whom an admin of one vault
    /// trusts to run is not for an admin of another one to say.
    var travelling: UsePolicy { UsePolicy(uses: uses, paths: paths) }

    public func allows(_ use: Use) -> Bool { uses?.contains(use) ?? true }

    public func allows(_ method: String, _ path: RequestPath) -> Bool {
        paths.isEmpty || paths.contains { $0.covers(method, path) }
    }

    /// The first of a request's headers that could make another request of it, where paths are restricted; nil for none.
    public func overridingHeader(among names: some Sequence<String>) -> String? {
        paths.isEmpty ? nil : RequestOverride.header(among: names)
    }
}
