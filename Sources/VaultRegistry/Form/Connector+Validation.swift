extension Connector {
    /// Validates the settings of a connection and fills in defaults.
    ///
    /// All problems are reported, except those that depend on another one: with an invalid `auth-type` it is unknown
    /// which secret is missing.
    ///
    /// - Parameters:
    ///   - raw: The values of each key as typed, one for each use of `--set`. A key with only empty values counts as missing.
    ///   - secretsGiven: The keys of the secrets that are given.
    /// - Returns: The settings to store, or what is wrong.
    public func validate(raw: [String: [String]], secretsGiven: Set<String>) -> ValidatedForm {
        var form = ValidatedForm("\(name) connection", fields, raw: raw, secretsGiven: secretsGiven)
        form.problems += addressProblems(form.settings)
        return form
    }

    /// Validates the settings of an OAuth 2.0 client of this connector, like `validate(raw:secretsGiven:)`.
    public func validateClient(raw: [String: [String]], secretsGiven: Set<String>) -> ValidatedForm {
        var form = ValidatedForm(
            "\(name) OAuth 2.0 client", client?.fields ?? [], raw: raw, secretsGiven: secretsGiven)
        form.problems += domainProblems(form.settings)
        if client == nil {
            form.problems = [
                Problem("\(title) connections don't use OAuth 2.0 clients", "vault connector show \(name)")
            ]
        }
        return form
    }

    /// Checks the host and every valid domain name against `hosts`, and that the host is a valid domain name.
    private func addressProblems(_ settings: Settings) -> [Problem] {
        var problems: [Problem] = []
        let key = WellKnownKey.validDomainNames
        if let host = host(for: settings) {
            if !mayTalk(to: host) { problems.append(notAllowed(host, field: addressField(for: settings))) }
            if case .oauth2? = authentication(for: settings), let valid = settings[key]?.values,
                !valid.contains(host)
            {
                problems.append(
                    Problem(
                        "the connection's host '\(host)' is not in \(key)", "add '\(host)' to \(key)",
                        field: key))
            }
        }
        return problems + domainProblems(settings)
    }

    private func domainProblems(_ settings: Settings) -> [Problem] {
        let key = WellKnownKey.validDomainNames
        return (settings[key]?.values ?? []).filter { !mayTalk(to: $0) }.map { notAllowed($0, field: key) }
    }

    /// The first field in the template of the host, or nil.
    private func addressField(for settings: Settings) -> String? {
        for case .setting(let key) in address(for: settings)?.pieces ?? [] { return key }
        return nil
    }

    private func notAllowed(_ host: String, field: String?) -> Problem {
        let example = (fields + (client?.fields ?? [])).first { $0.key == field }?.example
        return Problem(
            "'\(host)' is not an allowed \(title) host; it must match \(hosts.map(\.text).alternatives)",
            example.map { "use the host of your \(title) account, such as \($0)" }, field: field)
    }
}
