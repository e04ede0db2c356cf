import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore
import VaultText

/// The inputs of a request's authorization: checked settings, and secrets that are opened on demand.
struct AuthorizationSource {
    let name: String
    /// Nil for a connection that is not stored yet.
    let id: Identifier?
    let connector: Connector
    let settings: Settings
    let label: SecretLabel
    /// The secret fields that have a value; others are replaced by an empty string.
    let stored: Set<String>
    let secret: (String) throws -> SharedSecret

    /// The host and port of the connection.
    ///
    /// - Throws: `noHTTP` if its connector does not support HTTP; `hostRefused` for a host that the connector does not
    ///   allow, which an altered connector or row could name.
    func destination() throws -> Destination {
        guard connector.speaksHTTP(with: settings), let host = connector.host(for: settings) else {
            throw VaultError.use(.noHTTP(name: name, connector: connector.name))
        }
        return try allowed(host, port: connector.port(for: settings) ?? 443)
    }

    func allowed(_ host: String, port: Int) throws -> Destination {
        guard connector.mayTalk(to: host) else {
            throw VaultError.access(.hostRefused(name: name, id: id, host: host))
        }
        return Destination(
            host: host, port: port, allowsPlain: connector.allowsPlainLoopback && Host.isLoopback(host))
    }

    func pieces(_ template: Template, client: Settings = [:]) throws -> [ChildVariable.Piece] {
        guard let pieces = template.resolved(settings: settings, client: client) else {
            throw VaultError.use(.noHTTP(name: name, connector: connector.name))
        }
        return try pieces.compactMap { piece in
            switch piece {
            case .text(let text): return .text(text)
            case .secret(let field):
                guard stored.contains(field) else { return nil }
                return .secret(try secret(field))
            case .token: return .token(connection: name)
            case .setting, .clientSetting, .clientSecret:
                throw VaultError.use(.noHTTP(name: name, connector: connector.name))
            }
        }
    }

    func header(_ header: Header, client: Settings = [:]) throws -> AuthorizationHeader {
        guard let name = header.name.text(settings: settings, client: client) else {
            throw VaultError.use(.noHTTP(name: self.name, connector: connector.name))
        }
        return AuthorizationHeader(name: name, value: try pieces(header.value, client: client))
    }
}

extension Connector {
    /// Whether the connector supports HTTP: it has an authorization, or a test that needs none.
    func speaksHTTP(with settings: Settings) -> Bool {
        let authentication = authentication(for: settings)
        return authentication != nil && (authentication != .some(.none) || test(for: settings) != nil)
    }
}

extension Transaction {
    func authorization(
        from source: AuthorizationSource, _ destination: Destination
    ) throws -> RequestAuthorization {
        switch source.connector.authentication(for: source.settings) {
        case nil: throw VaultError.use(.noHTTP(name: source.name, connector: source.connector.name))
        case .some(.none): return RequestAuthorization.none
        case .headers(let headers): return .headers(try headers.map { try source.header($0) })
        case .basic(let user, let password):
            return .basic(user: try source.pieces(user), password: try source.pieces(password))
        case .oauth2(let recipe): return .token(try plan(recipe, source, destination))
        }
    }

    /// How to request the connection's tokens, after its client was checked against the ledger.
    ///
    /// - Throws: `noHTTP`, `unsupportedGrant`, or `hostRefused` if the client's valid domain names do not allow the token host.
    private func plan(
        _ recipe: OAuth2, _ source: AuthorizationSource, _ own: Destination
    ) throws -> TokenPlan {
        guard let name = source.connector.clientName(in: source.settings) else {
            throw VaultError.use(.noHTTP(name: source.name, connector: source.connector.name))
        }
        let client = try rows.find(.client, name)
        let state = try signedState(of: client)
        let settings = client.readSettings ?? [:]
        guard recipe.endpoint.grant == .clientCredentials else {
            throw VaultError.use(.unsupportedGrant(name: source.name, connector: source.connector.name))
        }
        guard let host = source.connector.tokenHost(connection: source.settings, client: settings),
            source.connector.problems(connection: source.settings, client: settings).isEmpty,
            client.connector == source.connector.name
        else {
            let host = source.connector.tokenHost(connection: source.settings, client: settings) ?? ""
            throw VaultError.access(.hostRefused(name: source.name, id: source.id, host: host))
        }
        let destination = host == own.host ? own : try source.allowed(host, port: 443)
        let scopes = recipe.scopesField.flatMap { source.settings[$0]?.values } ?? []
        let plan = TokenPlan(
            connection: source.name, client: client.name,
            clientID: settings[WellKnownKey.clientID]?.values.first ?? "", destination: destination,
            path: source.connector.path(recipe.endpoint.path, for: source.settings) ?? "/",
            style: recipe.endpoint.style, scopes: scopes,
            header: try source.header(recipe.header, client: settings), label: source.label, key: "")
        let version = state.secrets.version(of: WellKnownKey.clientSecret, source.label) ?? 0
        return plan.withKey(key(of: plan, client, version))
    }

    /// The cache key of a plan's tokens: everything that they depend on.
    func key(of plan: TokenPlan, _ client: OwnerRow, _ version: UInt64) -> String {
        [
            client.identifier.hex, Hex.encode(client.settingsDigest ?? []), String(version),
            plan.destination.authority, plan.path, plan.scopes.joined(separator: " "),
        ].joined(separator: "|")
    }

    func clientVersion(of plan: TokenPlan) throws -> UInt64? {
        let client = try rows.find(.client, plan.client)
        return try signedState(of: client).secrets.version(of: WellKnownKey.clientSecret, plan.label)
    }
}

extension [OwnerState.Secret] {
    /// The version that has the label, or else the current one.
    func version(of field: String, _ label: SecretLabel) -> UInt64? {
        let own = filter { $0.field == field }
        return (own.first { $0.label == label } ?? own.first { $0.label == .current })?.version
    }
}

extension TokenPlan {
    fileprivate func withKey(_ key: String) -> TokenPlan {
        TokenPlan(
            connection: connection, client: client, clientID: clientID, destination: destination, path: path,
            style: style, scopes: scopes, header: header, label: label, key: key)
    }
}

extension Field {
    /// The part of a secret's value that is stored.
    ///
    /// - Throws: `invalid` for a value that the field does not accept.
    func accepted(_ secret: SharedSecret) throws -> SharedSecret {
        let range = try unsafe secret.bytes.withUnsafeBytes { bytes in
            do {
                return try unsafe acceptedRange(of: bytes)
            } catch let problem as Problem {
                throw VaultError.input(.invalid([problem]))
            }
        }
        return SharedSecret(secret.bytes.clone(range))
    }
}
