/// Reads conditions against the fields that they may ask about.
struct ConditionReader {
    let notes: Notes
    /// The fields of the form, in order.
    let fields: [Field]

    /// `when: {api-type: data-push}`, or a list of such mappings, of which one must hold.
    ///
    /// `secretsAllowed` is true where the question is asked when all fields are known (`required`).
    func read(_ node: Node?, secretsAllowed: Bool = false) -> Condition {
        guard let node else { return .always }
        switch node {
        case .sequence(let nodes, _):
            guard nodes.count <= 50 else {
                notes.error(node.spot, "a condition has at most 50 alternatives")
                return .always
            }
            return Condition(alternatives: nodes.compactMap { clauses($0, secretsAllowed) })
        default:
            return Condition(alternatives: [clauses(node, secretsAllowed)].compactMap { $0 })
        }
    }

    private func clauses(_ node: Node, _ secretsAllowed: Bool) -> [Condition.Clause]? {
        guard case .mapping(let mapping, _) = node, (1...50).contains(mapping.count) else {
            notes.error(
                node.spot, "a condition is a mapping of fields to values", "such as {auth-type: token}")
            return nil
        }
        return mapping.compactMap { entry in
            let (key, value) = (entry.key, entry.value)
            guard let field = fields.first(where: { $0.key == key.string }) else {
                notes.error(
                    key.spot, "no field '\(shown(key.string))' comes before this condition",
                    fields.isEmpty ? nil : nearestHint(key.string, among: fields.map(\.key)))
                return nil
            }
            guard let test = test(value, field) else { return nil }
            if field.isSecret {
                guard secretsAllowed, test == .given || test == .absent else {
                    notes.error(
                        key.spot, "a condition cannot ask about the secret '\(field.key)'",
                        "only 'required' can, and only whether it is given")
                    return nil
                }
            }
            return Condition.Clause(key: field.key, test: test)
        }
    }

    private func test(_ node: Node, _ field: Field) -> Condition.Test? {
        guard case .mapping = node else { return values(node, field).map { .oneOf($0) } }
        guard let section = Section(node, "a test", keys: ["not", "given"], notes: notes) else { return nil }
        if let refused = section.node("not") { return values(refused, field).map { .noneOf($0) } }
        guard section.has("given") else {
            notes.error(node.spot, "the test is empty", "a value, a list, {not: value} or {given: yes}")
            return nil
        }
        return section.flag("given", default: true) ? .given : .absent
    }

    private func values(_ node: Node, _ field: Field) -> [String]? {
        let nodes = if case .sequence(let items, _) = node { items } else { [node] }
        guard nodes.count <= Section.maximumItems else {
            notes.error(node.spot, "a condition names at most \(Section.maximumItems) values")
            return nil
        }
        var values: [String] = []
        for node in nodes {
            guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
                notes.error(node.spot, "a value of '\(field.key)' is one text")
                return nil
            }
            let known = field.choices.map(\.value)
            if !known.isEmpty, !known.contains(scalar.string) {
                notes.error(
                    node.spot, "'\(field.key)' has no choice '\(shown(scalar.string))'",
                    nearestHint(scalar.string, among: known))
            }
            values.append(scalar.string)
        }
        return values
    }
}
