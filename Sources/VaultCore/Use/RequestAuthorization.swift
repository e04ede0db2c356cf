import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore
import VaultText

/// Opens the secret of a field; returns nil for a field without a value.
typealias SecretOpener = (String) throws -> (secret: SharedSecret, version: UInt64)?

extension OpenedConnection {
    /// Creates a connection without its authorization.
    ///
    /// - Throws: `noHTTP` if its connector does not support HTTP; `hostRefused` for a host that the connector does not
    ///   allow, which an altered connector or row could name.
    init(
        _ name: String, id: Identifier?, _ connector: Connector, _ settings: Settings,
        _ label: SecretLabel = .current, _ policy: UsePolicy = UsePolicy()
    ) throws {
        self.init(
            connection: name, id: id, connector: connector, settings: settings,
            destination: Destination(host: connector.host(for: settings) ?? ""), label: label, policy: policy)
        guard connector.speaksHTTP(with: settings), !destination.host.isEmpty else { throw noHTTP }
        destination = try allowed(destination.host, port: connector.port(for: settings) ?? 443)
    }

    fileprivate var noHTTP: VaultError { .use(.noHTTP(name: connection, connector: connector.name)) }

    fileprivate func allowed(_ host: String, port: Int) throws -> Destination {
        guard connector.mayTalk(to: host) else {
            throw VaultError.access(.hostRefused(name: connection, id: id, host: host))
        }
        return Destination(
            host: host, port: port, allowsPlain: connector.allowsPlainLoopback && Host.isLoopback(host))
    }

    fileprivate mutating func pieces(
        _ template: Template, client: Settings = [:], _ open: SecretOpener
    ) throws -> [ChildVariable.Piece] {
        guard let pieces = template.resolved(settings: settings, client: client) else { throw noHTTP }
        return try pieces.compactMap { piece in
            switch piece {
            case .text(let text): return .text(text)
            case .secret(let field):
                guard let opened = try open(field) else { return nil }
                versions[field] = opened.version
                return .secret(opened.secret)
            case .token: return .token(connection: connection)
            case .setting, .clientSetting, .clientSecret: throw noHTTP
            }
        }
    }

    fileprivate mutating func header(
        _ header: Header, client: Settings = [:], _ open: SecretOpener
    ) throws -> AuthorizationHeader {
        guard let name = header.name.text(settings: settings, client: client) else { throw noHTTP }
        return AuthorizationHeader(name: name, value: try pieces(header.value, client: client, open))
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
        of use: inout OpenedConnection, _ open: SecretOpener
    ) throws -> RequestAuthorization {
        switch use.connector.authentication(for: use.settings) {
        case nil: throw use.noHTTP
        case .some(.none): return RequestAuthorization.none
        case .headers(let headers): return .headers(try headers.map { try use.header($0, open) })
        case .basic(let user, let password):
            return .basic(user: try use.pieces(user, open), password: try use.pieces(password, open))
        case .oauth2(let recipe): return .token(try plan(recipe, &use, open))
        }
    }

    /// How to request the connection's tokens, after its client was checked against the ledger.
    ///
    /// - Throws: `noHTTP`, `unsupportedGrant`, or `hostRefused` if the client's valid domain names do not allow the token host.
    private func plan(
        _ recipe: OAuth2, _ use: inout OpenedConnection, _ open: SecretOpener
    ) throws -> TokenPlan {
        let (connector, settings) = (use.connector, use.settings)
        guard let name = connector.clientName(in: settings) else { throw use.noHTTP }
        let client = try rows.find(.client, name)
        let version = try clientVersion(of: client, use.label)
        let clientSettings = client.readSettings ?? [:]
        guard recipe.endpoint.grant == .clientCredentials else {
            throw VaultError.use(.unsupportedGrant(name: use.connection, connector: connector.name))
        }
        let host = connector.tokenHost(connection: settings, client: clientSettings) ?? ""
        guard !host.isEmpty, client.connector == connector.name,
            connector.problems(connection: settings, client: clientSettings).isEmpty
        else { throw VaultError.access(.hostRefused(name: use.connection, id: use.id, host: host)) }
        guard let path = connector.path(recipe.endpoint.path, for: settings, client: clientSettings) else {
            throw use.noHTTP
        }
        var plan = TokenPlan(
            connection: use.connection, client: client.name,
            clientID: clientSettings[WellKnownKey.clientID]?.values.first ?? "",
            destination: host == use.destination.host ? use.destination : try use.allowed(host, port: 443),
            path: path, style: recipe.endpoint.style,
            scopes: recipe.scopesField.flatMap { settings[$0]?.values } ?? [],
            header: try use.header(recipe.header, client: clientSettings, open), label: use.label)
        plan.key = key(of: plan, client, version ?? 0)
        use.versions[WellKnownKey.clientSecret] = version
        return plan
    }

    /// The cache key of a plan's tokens: everything that they depend on.
    func key(of plan: TokenPlan, _ client: OwnerRow, _ version: UInt64) -> String {
        [
            client.identifier.hex, Hex.encode(client.settingsDigest ?? []), String(version),
            plan.destination.authority, plan.path, plan.scopes.joined(separator: " "),
        ].joined(separator: "|")
    }

    /// The version of a client's secret with a label, or else the current one, after its rows were checked.
    func clientVersion(of client: OwnerRow, _ label: SecretLabel) throws -> UInt64? {
        try signedState(of: client).secret(WellKnownKey.clientSecret, preferring: label)?.version
    }
}

extension OwnerState {
    /// The version of a field with this label, or else the current one.
    func secret(_ field: String, preferring label: SecretLabel) -> Secret? {
        secret(field, label) ?? secret(field, .current)
    }
}
