/// A question about the other fields of a form.
///
/// One of the alternatives must hold; of an alternative, every clause. No clause at all is always true.
public struct Condition: Sendable, Equatable {
    public enum Test: Sendable, Equatable {
        case oneOf([String])
        case noneOf([String])
        case given
        case absent
    }

    public struct Clause: Sendable, Equatable {
        public let key: String
        public let test: Test
    }

    public let alternatives: [[Clause]]

    /// Holds whatever the settings are.
    public static let always = Condition(alternatives: [[]])

    public var isAlways: Bool { alternatives.contains { $0.isEmpty } }

    /// Whether it holds, or nil when that hangs on a field whose value is not known because it was refused.
    ///
    /// A field without a value equals nothing: `noneOf` holds for it, `oneOf` does not.
    func holds(in settings: Settings, secretsGiven: Set<String> = [], unknown: Set<String> = []) -> Bool? {
        var isOpen = false
        for clauses in alternatives {
            var result: Bool? = true
            for clause in clauses {
                if unknown.contains(clause.key) {
                    result = nil
                } else if !clause.holds(in: settings, secretsGiven: secretsGiven) {
                    result = false
                    break
                }
            }
            if result == true { return true }
            if result == nil { isOpen = true }
        }
        return isOpen ? nil : false
    }

    /// The keys that it asks about.
    var keys: Set<String> { Set(alternatives.joined().map(\.key)) }

    /// In words, for a message: `api-type is data-push and auth-type is custom or token`.
    var words: String {
        alternatives.map { $0.map(\.words).joined(separator: " and ") }.joined(separator: ", or ")
    }

    /// The values of its clauses' keys as they stand, for a message: `api-type is data-push`.
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
    func holds(in settings: Settings, secretsGiven: Set<String>) -> Bool {
        let values = settings[key]?.values ?? []
        return switch test {
        case .oneOf(let accepted): values.contains { accepted.contains($0) }
        case .noneOf(let refused): !values.contains { refused.contains($0) }
        case .given: !values.isEmpty || secretsGiven.contains(key)
        case .absent: values.isEmpty && !secretsGiven.contains(key)
        }
    }

    var words: String {
        switch test {
        case .oneOf(let values): "\(key) is \(values.alternatives)"
        case .noneOf(let values): "\(key) is not \(values.alternatives)"
        case .given: "\(key) is given"
        case .absent: "\(key) is not given"
        }
    }
}

extension Array<String> {
    /// `a`, `a or b`, `a, b or c`.
    var alternatives: String { inWords("or") }

    func inWords(_ last: String) -> String {
        guard let final = self.last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " \(last) " + final
    }
}
