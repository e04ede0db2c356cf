/// The result of validating a form.
public struct ValidatedForm: Sendable, Equatable {
    /// The settings to store.
    public let settings: Settings
    /// The secret fields that apply and were given, in the order of the form.
    public let secretFields: [Field]
    /// The fields that apply and were left empty.
    let missingOptional: [Field]
}

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
    public func validate(
        raw: [String: [String]], secretsGiven: Set<String>
    ) -> Result<ValidatedForm, Problems> {
        var validator = FormValidator(form: form, raw: raw, secretsGiven: secretsGiven)
        validator.run()
        validator.problems += addressProblems(validator.settings)
        return validator.result
    }

    /// Validates the settings of an OAuth 2.0 client of this connector, like `validate(raw:secretsGiven:)`.
    public func validateClient(
        raw: [String: [String]], secretsGiven: Set<String>
    ) -> Result<ValidatedForm, Problems> {
        guard let client else {
            let problem = Problem(
                field: nil, message: "\(title) connections don't use OAuth 2.0 clients",
                hint: "vault connector show \(name)")
            return .failure(Problems(all: [problem]))
        }
        let form = Form(noun: "\(name) OAuth 2.0 client", fields: client.fields)
        var validator = FormValidator(form: form, raw: raw, secretsGiven: secretsGiven)
        validator.run()
        for host in validator.settings[WellKnownKey.validDomainNames]?.values ?? [] where !mayTalk(to: host) {
            validator.problems.append(notAllowed(host, field: WellKnownKey.validDomainNames))
        }
        return validator.result
    }

    /// Checks the host and every valid domain name against `hosts`, and that the host is a valid domain name.
    private func addressProblems(_ settings: Settings) -> [Problem] {
        var problems: [Problem] = []
        let key = WellKnownKey.validDomainNames
        let valid = settings[key]?.values
        if let host = host(for: settings) {
            if !mayTalk(to: host) { problems.append(notAllowed(host, field: addressField(for: settings))) }
            if case .oauth2? = authentication(for: settings), let valid, !valid.contains(host) {
                problems.append(
                    Problem(
                        field: key, message: "the connection's host '\(host)' is not in \(key)",
                        hint: "add '\(host)' to \(key)"))
            }
        }
        for host in valid ?? [] where !mayTalk(to: host) { problems.append(notAllowed(host, field: key)) }
        return problems
    }

    /// The first field in the template of the host, or nil.
    private func addressField(for settings: Settings) -> String? {
        for case .setting(let key) in address(for: settings)?.pieces ?? [] { return key }
        return nil
    }

    private func notAllowed(_ host: String, field: String?) -> Problem {
        let example = (form.fields + (client?.fields ?? [])).first { $0.key == field }?.example
        return Problem(
            field: field,
            message:
                "'\(host)' is not an allowed \(title) host; it must match \(hosts.map(\.text).alternatives)",
            hint: example.map { "use the host of your \(title) account, such as \($0)" })
    }
}
