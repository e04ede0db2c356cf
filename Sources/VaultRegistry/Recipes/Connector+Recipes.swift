extension Connector {
    /// Returns the variables of a child process, without those that need a missing setting.
    ///
    /// The caller leaves out those that need a missing secret.
    public func variables(for settings: Settings) -> [Variable] {
        variables.filter { recipe in
            recipe.condition.holds(in: settings) ?? false
                && recipe.value.value.pieces.allSatisfy { piece in
                    if case .setting(let key) = piece { settings[key] != nil } else { true }
                }
        }.map(\.value)
    }

    /// Returns how a request authenticates, or nil if the connection cannot be used over HTTP.
    public func authentication(for settings: Settings) -> Authentication? {
        authentications.first { $0.condition.holds(in: settings) ?? false }?.value
    }

    /// Returns the request that tests a connection, or nil if the connector has none.
    public func test(for settings: Settings) -> TestRequest? {
        tests.first { $0.condition.holds(in: settings) ?? false }?.value
    }

    /// Returns the host of a connection, or nil if a setting is missing.
    ///
    /// Before it sends anything, the caller must check the host with `mayTalk(to:)`.
    public func host(for settings: Settings) -> String? {
        address(for: settings)?.text(settings: settings).map(asciiLowercased)
    }

    func address(for settings: Settings) -> Template? {
        addresses.first { $0.condition.holds(in: settings) ?? false }?.value
    }

    /// Returns the port of a connection, or nil for the default port of the scheme.
    public func port(for settings: Settings) -> Int? {
        port?.text(settings: settings).flatMap { Int($0) }
    }

    /// Returns the path and query of a request, or nil if a setting is missing.
    ///
    /// Values are percent-encoded, so that none can add a segment or a query. The slashes of a field with the normalizer
    /// `path` are kept, because its segments were checked.
    public func path(_ template: Template, for settings: Settings, client: Settings = [:]) -> String? {
        template.text(settings: settings, client: client) { key, value in
            field(key)?.normalizers.contains(.path) == true ? value : percentEncoded(value)
        }
    }

    /// Whether a connection may send to a host.
    public func mayTalk(to host: String) -> Bool { hosts.contains { $0.matches(host) } }

    /// Returns conflicts between a connection and its OAuth 2.0 client.
    ///
    /// A connection must not extend the hosts that receive the secret of a shared client: its valid domain names must be
    /// a subset of the client's, and the token host one of them.
    public func problems(connection: Settings, client: Settings) -> [Problem] {
        let key = WellKnownKey.validDomainNames
        let allowed = client[key]?.values ?? []
        var problems = (connection[key]?.values ?? []).filter { !allowed.contains($0) }.map { host in
            Problem(
                "'\(host)' is not in the client's \(key)",
                allowed.isEmpty ? nil : "the client has \(allowed.joined(with: "and"))", field: key)
        }
        if let host = tokenHost(connection: connection, client: client), !allowed.contains(host) {
            problems.append(
                Problem(
                    "the client's secret would be sent to '\(host)', which is not in its \(key)",
                    "if the host is right, add it to the client's \(key)", field: key))
        }
        return problems
    }

    /// Returns the host that receives the client's secret, or nil if the connection does not use a client.
    public func tokenHost(connection: Settings, client clientSettings: Settings) -> String? {
        guard case .oauth2(let recipe)? = authentication(for: connection) else { return nil }
        guard let template = recipe.endpoint.host else { return host(for: connection) }
        return template.text(settings: connection, client: clientSettings)
    }
}
