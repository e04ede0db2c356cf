/// Reads the fields of one form.
struct FieldReader {
    /// Keys with another meaning in templates or on the command line.
    private static let reserved = ["name", "access-token", "client"]
    private static let renewalKeys = ["rotate-every", "expires-after", "how-to-revoke"]
    private static let keys =
        [
            "key", "label", "help", "how-to-get", "example", "secret", "list", "multiline", "client",
            "default", "choices", "when", "required", "maximum-length", "normalise", "strip-prefixes",
            "foreign-prefixes",
        ] + renewalKeys

    let diagnostics: DiagnosticCollector

    func read(_ nodes: [Node]) -> [Field] {
        var fields: [Field] = []
        var requirements: [(Node, Int)] = []
        for node in nodes {
            guard let mapping = MappingReader(node, "a field", keys: Self.keys, diagnostics: diagnostics)
            else { continue }
            let field = read(mapping, after: fields)
            if fields.contains(where: { $0.key == field.key }), !field.key.isEmpty {
                diagnostics.error(
                    mapping.keyPosition("key"), "duplicate field '\(field.key)'", "rename one of them")
                continue
            }
            diagnostics.remember(.field(field.key), at: mapping.position)
            if let node = mapping.node("required") { requirements.append((node, fields.count)) }
            fields.append(field)
        }
        // A requirement can test later fields, so it is read once all are known.
        let conditions = ConditionReader(diagnostics: diagnostics, fields: fields)
        for (node, index) in requirements {
            fields[index] = fields[index].requiring(requirement(node, conditions))
        }
        return fields
    }

    private func read(_ mapping: MappingReader, after earlier: [Field]) -> Field {
        let key = mapping.requiredText("key")
        if mapping.has("key"), !isKey(key) {
            diagnostics.error(mapping.keyPosition("key"), "invalid key '\(shown(key))'", keyHint)
        } else if Self.reserved.contains(key) {
            diagnostics.error(mapping.keyPosition("key"), "the key '\(key)' is reserved", "use another key")
        }
        let isSecret = mapping.flag("secret")
        let isMultiline = mapping.flag("multiline")
        let conditions = ConditionReader(diagnostics: diagnostics, fields: earlier)
        let field = Field(
            key: key, label: mapping.requiredText("label"), help: mapping.requiredText("help"),
            howToGet: mapping.text("how-to-get"), example: mapping.text("example"), isSecret: isSecret,
            isList: mapping.flag("list"), isMultiline: isMultiline, isClientReference: mapping.flag("client"),
            defaultValue: mapping.text("default"),
            choices: mapping.items("choices").compactMap { choice($0, of: key, conditions) },
            condition: conditions.read(mapping.node("when")), requirement: .always,
            maximumLength: mapping.number("maximum-length", in: 1...65536)
                ?? (isMultiline ? 65536 : isSecret ? 8192 : 1000),
            normalizers: mapping.items("normalise").compactMap(normalizer),
            strippedPrefixes: mapping.texts("strip-prefixes").map(\.text),
            foreignPrefixes: mapping.items("foreign-prefixes").compactMap(foreignPrefix),
            renewal: Renewal(
                rotateEvery: period("rotate-every", mapping),
                expiresAfter: period("expires-after", mapping), howToRevoke: mapping.text("how-to-revoke")))
        check(field, mapping)
        return field
    }

    private func check(_ field: Field, _ mapping: MappingReader) {
        func reject(_ key: String, _ reason: String) { diagnostics.error(mapping.keyPosition(key), reason) }
        if field.isSecret {
            for key in ["default", "choices", "list", "client", "normalise", "example"]
            where mapping.has(key) {
                reject(key, "a secret can't have '\(key)'")
            }
            if field.howToGet == nil {
                diagnostics.warning(
                    mapping.position, "the secret '\(field.key)' has no 'how-to-get'", "add 'how-to-get: |'")
            }
        } else {
            for key in ["strip-prefixes", "foreign-prefixes"] where mapping.has(key) {
                reject(key, "only a secret can have '\(key)'; use 'normalise'")
            }
            for key in Self.renewalKeys where mapping.has(key) {
                reject(key, "only a secret can have '\(key)'")
            }
        }
        if field.isList, field.isMultiline { reject("multiline", "a list can't be multiline") }
        if field.isClientReference, field.isList || !field.choices.isEmpty {
            reject("client", "a reference to a client can't be a list or have choices")
        }
        if let value = field.defaultValue, !field.isSecret,
            case .failure(let problem) = field.normalized([value])
        {
            reject("default", "the default is invalid: \(problem.message)")
        }
        if let value = field.example, !field.isSecret, case .failure(let problem) = field.normalized([value])
        {
            reject("example", "the example is invalid: \(problem.message)")
        }
        for (index, choice) in field.choices.enumerated()
        where field.choices[..<index].contains(where: { $0.value == choice.value }) {
            reject("choices", "duplicate choice '\(shown(choice.value))'")
        }
    }

    private func period(_ key: String, _ mapping: MappingReader) -> Period? {
        guard let text = mapping.text(key) else { return nil }
        if let period = Period(text) { return period }
        diagnostics.error(
            mapping.valuePosition(key), "'\(key)' must be a period", "use 90d, 12w, 6m or 1y")
        return nil
    }

    private func choice(_ node: Node, of field: String, _ conditions: ConditionReader) -> Choice? {
        let keys = ["value", "label", "help", "when"]
        guard let mapping = MappingReader(node, "a choice", keys: keys, diagnostics: diagnostics) else {
            return nil
        }
        let value = mapping.requiredText("value")
        diagnostics.remember(.choice(value, of: field), at: mapping.position)
        if mapping.text("help") == nil, !mapping.has("help") {
            diagnostics.warning(
                mapping.position, "the choice '\(shown(value))' has no help", "add 'help: …'")
        }
        return Choice(
            value: value, label: mapping.text("label") ?? value, help: mapping.text("help") ?? "",
            condition: conditions.read(mapping.node("when")))
    }

    private func requirement(_ node: Node, _ conditions: ConditionReader) -> Requirement {
        guard case .scalar(let scalar) = node else {
            return .when(conditions.read(node, secretsAllowed: true))
        }
        switch boolean(scalar.string) {
        case true?: return .always
        case false?: return .never
        case nil:
            diagnostics.error(node.position, "'required' must be yes, no or a condition")
            return .always
        }
    }

    private func foreignPrefix(_ node: Node) -> ForeignPrefix? {
        let keys = ["prefix", "means"]
        guard let mapping = MappingReader(node, "a foreign prefix", keys: keys, diagnostics: diagnostics)
        else { return nil }
        return ForeignPrefix(prefix: mapping.requiredText("prefix"), means: mapping.requiredText("means"))
    }
}

extension Field {
    fileprivate func requiring(_ requirement: Requirement) -> Field {
        Field(
            key: key, label: label, help: help, howToGet: howToGet, example: example, isSecret: isSecret,
            isList: isList, isMultiline: isMultiline, isClientReference: isClientReference,
            defaultValue: defaultValue, choices: choices, condition: condition, requirement: requirement,
            maximumLength: maximumLength, normalizers: normalizers, strippedPrefixes: strippedPrefixes,
            foreignPrefixes: foreignPrefixes, renewal: renewal)
    }
}
