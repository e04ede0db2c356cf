extension Connector {
    /// The variables that a child process gets. A variable whose optional setting is missing is left out.
    ///
    /// Whoever fills in the secrets leaves out a variable whose optional secret was never given.
    public func variables(for settings: Settings) -> [Variable] {
        variables.filter { recipe in
            recipe.condition.holds(in: settings) ?? false
                && recipe.what.value.pieces.allSatisfy { piece in
                    if case .setting(let key) = piece { settings[key] != nil } else { true }
                }
        }.map(\.what)
    }

    /// How a request authenticates, or nil when the connector only serves child processes.
    public func authentication(for settings: Settings) -> Authentication? {
        authentications.first { $0.condition.holds(in: settings) ?? false }?.what
    }

    public func test(for settings: Settings) -> TestRequest? {
        tests.first { $0.condition.holds(in: settings) ?? false }?.what
    }

    /// The host that the connection talks to, or nil when a setting that it is made of is missing.
    ///
    /// It is not checked here against `hosts`: `validate` has done so, and whoever sends must do so again.
    public func host(for settings: Settings) -> String? {
        let template = addresses.first { $0.condition.holds(in: settings) ?? false }?.what
        return template?.text(settings: settings).map(asciiLowercased)
    }

    public func port(for settings: Settings) -> Int? {
        port?.text(settings: settings).flatMap { Int($0) }
    }

    /// The path and query of a request, or nil when a setting is missing.
    ///
    /// Every value is percent-encoded, so that none can add a segment or a query; only a field with the normaliser
    /// `path`, which has checked its segments, keeps its slashes.
    public func path(_ template: Template, for settings: Settings) -> String? {
        template.text(settings: settings, client: [:]) { key, value in
            field(key)?.normalisers.contains(.path) == true ? value : percentEncoded(value)
        }
    }

    /// Whether anything may be sent to this host.
    public func mayTalk(to host: String) -> Bool { hosts.contains { $0.matches(host) } }

    /// What does not fit between a connection and the OAuth 2.0 client that it names.
    ///
    /// A connection must not widen where a shared client's secret goes: its valid domain names are a part of the
    /// client's, and the host that it talks to is among them.
    public func problems(connection: Settings, client: Settings) -> [Problem] {
        let key = WellKnownKey.validDomainNames
        let allowed = client[key]?.values ?? []
        let wanted = connection[key]?.values ?? []
        var problems = wanted.filter { !allowed.contains($0) }.map { host in
            Problem(
                field: key, message: "'\(host)' is not among the client's valid domain names",
                fits: allowed.isEmpty ? nil : "the client has \(allowed.inWords("and"))")
        }
        if let host = tokenHost(connection: connection, client: client), !allowed.contains(host) {
            problems.append(
                Problem(
                    field: key,
                    message:
                        "the client's secret would go to '\(host)', which is not among its valid domain names",
                    fits: "add '\(host)' to the client's \(key), if it is right"))
        }
        return problems
    }

    /// The host that the client's secret is sent to.
    public func tokenHost(connection: Settings, client clientSettings: Settings) -> String? {
        guard case .oauth2(let recipe)? = authentication(for: connection) else { return nil }
        guard let template = recipe.endpoint.host else { return host(for: connection) }
        return template.text(settings: connection, client: clientSettings)
    }
}
