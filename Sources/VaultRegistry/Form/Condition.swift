/// A condition on the other fields of a form.
///
/// It holds if one of its alternatives holds, that is, every clause of it.
struct Condition: Sendable, Equatable {
    enum Test: Sendable, Equatable {
        case oneOf([String])
        case noneOf([String])
        case given
        case absent
    }

    struct Clause: Sendable, Equatable {
        let key: String
        let test: Test
    }

    let alternatives: [[Clause]]

    static let always = Condition(alternatives: [[]])

    /// Whether the condition holds, or nil if that depends on an unknown field.
    ///
    /// For a field without a value, `noneOf` holds and `oneOf` does not.
    ///
    /// - Parameter unknown: The keys of fields with a rejected or missing value.
    func holds(in settings: Settings, secretsGiven: Set<String> = [], unknown: Set<String> = []) -> Bool? {
        let results = alternatives.map { clauses -> Bool? in
            let known = clauses.filter { !unknown.contains($0.key) }
            guard known.allSatisfy({ $0.holds(in: settings, secretsGiven) }) else { return false }
            return known.count == clauses.count ? true : nil
        }
        return results.contains(true) ? true : results.contains(nil) ? nil : false
    }

    /// The condition for a message: `api-type is data-push and auth-type is custom or token`.
    var text: String {
        alternatives.map { $0.map(\.text).joined(separator: " and ") }.joined(separator: ", or ")
    }

    /// The current values of the tested fields for a message: `api-type is data-push`.
    func state(in settings: Settings) -> String {
        var seen: Set<String> = []
        return alternatives.joined().compactMap { clause -> String? in
            guard seen.insert(clause.key).inserted else { return nil }
            guard let value = settings[clause.key] else { return "\(clause.key) is not given" }
            return "\(clause.key) is \(value.values.joined(separator: ", "))"
        }.joined(separator: " and ")
    }
}

extension Condition.Clause {
    fileprivate func holds(in settings: Settings, _ secretsGiven: Set<String>) -> Bool {
        let values = settings[key]?.values ?? []
        return switch test {
        case .oneOf(let accepted): values.contains { accepted.contains($0) }
        case .noneOf(let rejected): !values.contains { rejected.contains($0) }
        case .given: !values.isEmpty || secretsGiven.contains(key)
        case .absent: values.isEmpty && !secretsGiven.contains(key)
        }
    }

    fileprivate var text: String {
        switch test {
        case .oneOf(let values): "\(key) is \(values.alternatives)"
        case .noneOf(let values): "\(key) is not \(values.alternatives)"
        case .given: "\(key) is given"
        case .absent: "\(key) is not given"
        }
    }
}
