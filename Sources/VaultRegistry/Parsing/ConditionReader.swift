/// Reads conditions on the fields of a form.
struct ConditionReader {
    private static let maximumParts = 50

    let diagnostics: DiagnosticCollector
    /// The fields that a condition can test, in the order of the form.
    let fields: [Field]

    /// Reads a mapping such as `{api-type: data-push}`, or a list of mappings of which one must hold.
    ///
    /// - Parameter secretsAllowed: Whether the condition can test if a secret is given. Only `required` can, which is
    ///   evaluated once all fields are known.
    func read(_ node: Node?, secretsAllowed: Bool = false) -> Condition {
        guard let node else { return .always }
        guard case .sequence(let nodes, _) = node else {
            return Condition(alternatives: [clauses(node, secretsAllowed)].compactMap { $0 })
        }
        guard nodes.count <= Self.maximumParts else {
            diagnostics.error(
                node.position, "a condition can have at most \(Self.maximumParts) alternatives")
            return .always
        }
        return Condition(alternatives: nodes.compactMap { clauses($0, secretsAllowed) })
    }

    private func clauses(_ node: Node, _ secretsAllowed: Bool) -> [Condition.Clause]? {
        guard case .mapping(let entries, _) = node, (1...Self.maximumParts).contains(entries.count) else {
            diagnostics.error(
                node.position, "a condition must be a mapping of fields to values",
                "for example {auth-type: token}")
            return nil
        }
        return entries.compactMap { clause($0.key, $0.value, secretsAllowed) }
    }

    private func clause(_ key: Node.Scalar, _ value: Node, _ secretsAllowed: Bool) -> Condition.Clause? {
        guard let field = fields.first(where: { $0.key == key.string }) else {
            diagnostics.error(
                key.position, "no field '\(shown(key.string))' before this condition",
                fields.isEmpty ? nil : nearestHint(key.string, among: fields.map(\.key)))
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
        guard let mapping = MappingReader(node, "a test", keys: ["not", "given"], diagnostics: diagnostics)
        else { return nil }
        if let refused = mapping.node("not") { return values(refused, field).map { .noneOf($0) } }
        guard mapping.has("given") else {
            diagnostics.error(
                node.position, "the test is empty", "use a value, a list, {not: value} or {given: yes}")
            return nil
        }
        return mapping.flag("given", default: true) ? .given : .absent
    }

    private func values(_ node: Node, _ field: Field) -> [String]? {
        let nodes = if case .sequence(let items, _) = node { items } else { [node] }
        guard nodes.count <= MappingReader.maximumItems else {
            diagnostics.error(
                node.position, "a condition can list at most \(MappingReader.maximumItems) values")
            return nil
        }
        var values: [String] = []
        for node in nodes {
            guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
                diagnostics.error(node.position, "a value of '\(field.key)' must be a single text")
                return nil
            }
            let known = field.choices.map(\.value)
            if !known.isEmpty, !known.contains(scalar.string) {
                diagnostics.error(
                    node.position, "'\(field.key)' has no choice '\(shown(scalar.string))'",
                    nearestHint(scalar.string, among: known))
            }
            values.append(scalar.string)
        }
        return values
    }
}
