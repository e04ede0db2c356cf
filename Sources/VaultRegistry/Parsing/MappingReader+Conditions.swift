/// The maximum number of alternatives of a condition, and of fields that an alternative tests.
private let maximumParts = 50

// Reads conditions on the fields of the scope.
extension MappingReader {
    /// Reads a mapping such as `{api-type: data-push}`, or a list of mappings of which one must hold.
    ///
    /// - Parameter secretsAllowed: Whether the condition can test if a secret is given. Only `required` can, which is
    ///   evaluated once all fields are known.
    func condition(_ key: String = "when", secretsAllowed: Bool = false) -> Condition {
        guard let alternatives = node(key)?.items else { return .always }
        guard alternatives.count <= maximumParts else {
            reject(value: key, "a condition can have at most \(maximumParts) alternatives")
            return .always
        }
        return Condition(alternatives: alternatives.compactMap { clauses($0, secretsAllowed) })
    }

    private func clauses(_ node: Node, _ secretsAllowed: Bool) -> [Condition.Clause]? {
        guard case .mapping(let entries, _) = node, (1...maximumParts).contains(entries.count) else {
            diagnostics.error(
                node.position, "a condition must be a mapping of fields to values",
                "for example {auth-type: token}")
            return nil
        }
        return entries.compactMap { clause($0.key, $0.value, secretsAllowed) }
    }

    private func clause(_ key: Node.Scalar, _ value: Node, _ secretsAllowed: Bool) -> Condition.Clause? {
        guard let field = scope.fields.first(where: { $0.key == key.string }) else {
            let keys = scope.fields.map(\.key)
            diagnostics.error(
                key.position, "no field '\(shown(key.string))' before this condition",
                keys.isEmpty ? nil : nearestHint(key.string, among: keys))
            return nil
        }
        guard let test = test(value, field) else { return nil }
        guard !field.isSecret || secretsAllowed && (test == .given || test == .absent) else {
            diagnostics.error(
                key.position, "a condition can't test the secret '\(field.key)'",
                "only 'required' can, and only whether it is given")
            return nil
        }
        return Condition.Clause(key: field.key, test: test)
    }

    private func test(_ node: Node, _ field: Field) -> Condition.Test? {
        guard case .mapping = node else { return values(node, field).map { .oneOf($0) } }
        guard let mapping = MappingReader(node, "a test", keys: ["not", "given"], scope) else { return nil }
        if let refused = mapping.node("not") { return values(refused, field).map { .noneOf($0) } }
        guard mapping.has("given") else {
            diagnostics.error(
                node.position, "the test is empty", "use a value, a list, {not: value} or {given: yes}")
            return nil
        }
        return mapping.flag("given") ?? true ? .given : .absent
    }

    private func values(_ node: Node, _ field: Field) -> [String]? {
        guard node.items.count <= Self.maximumItems else {
            diagnostics.error(node.position, "a condition can list at most \(Self.maximumItems) values")
            return nil
        }
        let known = field.choices.map(\.value)
        var values: [String] = []
        for node in node.items {
            guard let text = node.text else {
                diagnostics.error(node.position, "a value of '\(field.key)' must be a single text")
                return nil
            }
            if !known.isEmpty, !known.contains(text) {
                diagnostics.error(
                    node.position, "'\(field.key)' has no choice '\(shown(text))'",
                    nearestHint(text, among: known))
            }
            values.append(text)
        }
        return values
    }
}
