/// A checked input: what to store, and which secrets belong to it.
public struct Draft: Sendable, Equatable {
    public let settings: Settings
    /// The secret fields that apply and were given, in the order of the form.
    public let secretFields: [Field]
    /// The fields that apply, may be left empty, and were.
    public let missingOptional: [Field]
}

extension Connector {
    /// Checks all settings of a connection at once: every problem, not the first only.
    ///
    /// `raw` has for each key the values as given, one for each use of `--set`; an empty one is as none given.
    /// `secretsGiven` has the keys of `--secret`. Defaults are filled in. A problem that only follows from
    /// another one is not reported: with a wrong `auth-type` nobody can say which secret is missing.
    public func validate(raw: [String: [String]], secretsGiven: Set<String>) -> Result<Draft, Problems> {
        var check = FormCheck(form: form, raw: raw, secretsGiven: secretsGiven)
        check.run()
        check.problems += addressProblems(check.settings)
        return check.result
    }

    /// The same for an OAuth 2.0 client of this connector.
    public func validateClient(raw: [String: [String]], secretsGiven: Set<String>) -> Result<Draft, Problems>
    {
        guard let client else {
            let problem = Problem(field: nil, message: "\(title) connections have no OAuth 2.0 client")
            return .failure(Problems(all: [problem]))
        }
        let form = Form(noun: "\(name) OAuth 2.0 client", fields: client.fields)
        var check = FormCheck(form: form, raw: raw, secretsGiven: secretsGiven)
        check.run()
        for host in check.settings[WellKnownKey.validDomainNames]?.values ?? [] where !mayTalk(to: host) {
            check.problems.append(outside(host, field: WellKnownKey.validDomainNames))
        }
        return check.result
    }

    /// The host and every valid domain name must be covered by `hosts`, and the host be a valid domain name.
    private func addressProblems(_ settings: Settings) -> [Problem] {
        var problems: [Problem] = []
        let key = WellKnownKey.validDomainNames
        let valid = settings[key]?.values
        if let host = host(for: settings) {
            if !mayTalk(to: host) { problems.append(outside(host, field: addressField(for: settings))) }
            if case .oauth2? = authentication(for: settings), let valid, !valid.contains(host) {
                problems.append(
                    Problem(
                        field: key,
                        message: "'\(host)', which the connection talks to, is not among its \(key)",
                        fits: "add '\(host)' to \(key)"))
            }
        }
        for host in valid ?? [] where !mayTalk(to: host) { problems.append(outside(host, field: key)) }
        return problems
    }

    /// The field that the host is made of, when it is one.
    private func addressField(for settings: Settings) -> String? {
        let template = addresses.first { $0.condition.holds(in: settings) ?? false }?.what
        for case .setting(let key) in template?.pieces ?? [] { return key }
        return nil
    }

    private func outside(_ host: String, field: String?) -> Problem {
        Problem(
            field: field, message: "\(title) connections do not send to '\(host)'",
            fits: "a host that fits \(hosts.map(\.text).alternatives)")
    }
}
