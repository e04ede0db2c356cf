/// Reads the fields of one form.
struct FieldReader {
    let notes: Notes
    /// Keys with a meaning of their own in templates.
    static let reserved = ["name", "access-token", "client"]

    func read(_ nodes: [Node]) -> [Field] {
        var fields: [Field] = []
        var pending: [(Node, Int)] = []
        for node in nodes {
            guard let section = Section(node, "a field", keys: FieldReader.keys, notes: notes) else {
                continue
            }
            let field = read(section, after: fields)
            if fields.contains(where: { $0.key == field.key }), !field.key.isEmpty {
                notes.error(
                    section.spot("key"), "the field '\(field.key)' is there twice", "rename one of them")
                continue
            }
            notes.place(.field(field.key), at: section.spot)
            if let node = section.node("required") { pending.append((node, fields.count)) }
            fields.append(field)
        }
        // A requirement may ask about later fields, so it is read when all are known.
        let conditions = ConditionReader(notes: notes, fields: fields)
        for (node, index) in pending {
            fields[index] = fields[index].requiring(requirement(node, conditions))
        }
        return fields
    }

    private static let keys =
        [
            "key", "label", "help", "how-to-get", "example", "secret", "list", "multiline", "client",
            "default",
            "choices", "when", "required", "maximum-length", "normalise", "strip-prefixes",
            "foreign-prefixes",
        ] + renewalKeys
    private static let renewalKeys = ["rotate-every", "expires-after", "how-to-revoke"]

    private func read(_ section: Section, after earlier: [Field]) -> Field {
        let key = section.requiredText("key")
        if section.has("key"), !isKey(key) {
            notes.error(section.spot("key"), "'\(shown(key))' is not a key", "1 to 64 of a-z, 0-9 and '-'")
        } else if FieldReader.reserved.contains(key) {
            notes.error(
                section.spot("key"), "the key '\(key)' is taken", "every connection has a name of its own")
        }
        let isSecret = section.flag("secret")
        let isMultiline = section.flag("multiline")
        let conditions = ConditionReader(notes: notes, fields: earlier)
        let field = Field(
            key: key, label: section.requiredText("label"), help: section.requiredText("help"),
            howToGet: section.text("how-to-get"), example: section.text("example"), isSecret: isSecret,
            isList: section.flag("list"), isMultiline: isMultiline, isClientReference: section.flag("client"),
            defaultValue: section.text("default"),
            choices: section.items("choices").compactMap { choice($0, of: key, conditions) },
            condition: conditions.read(section.node("when")), requirement: .always,
            maximumLength: section.number("maximum-length", in: 1...65536)
                ?? (isMultiline ? 65536 : isSecret ? 8192 : 1000),
            normalisers: section.items("normalise").compactMap(normaliser),
            strippedPrefixes: section.texts("strip-prefixes").map(\.text),
            foreignPrefixes: section.items("foreign-prefixes").compactMap(foreignPrefix),
            renewal: Renewal(
                rotateEvery: period("rotate-every", section),
                expiresAfter: period("expires-after", section), howToRevoke: section.text("how-to-revoke")))
        check(field, section)
        return field
    }

    private func check(_ field: Field, _ section: Section) {
        func refuse(_ key: String, _ reason: String) { notes.error(section.spot(key), reason) }
        if field.isSecret {
            for key in ["default", "choices", "list", "client", "normalise", "example"] where section.has(key)
            {
                refuse(key, "a secret has no '\(key)'")
            }
            if field.howToGet == nil {
                notes.warning(
                    section.spot, "the secret '\(field.key)' does not say where it is found",
                    "add 'how-to-get: |'")
            }
        } else {
            for key in ["strip-prefixes", "foreign-prefixes"] where section.has(key) {
                refuse(key, "'\(key)' is for secrets; a setting has 'normalise'")
            }
            for key in FieldReader.renewalKeys where section.has(key) {
                refuse(key, "'\(key)' is for secrets; a setting is not rotated")
            }
        }
        if field.isList, field.isMultiline { refuse("multiline", "a list has values of one line") }
        if field.isClientReference, field.isList || !field.choices.isEmpty {
            refuse("client", "a reference to a client is one name")
        }
        if let value = field.defaultValue, !field.isSecret,
            case .failure(let problem) = field.normalised([value])
        {
            refuse("default", "the default does not fit the field: \(problem.message)")
        }
        if let value = field.example, !field.isSecret, case .failure(let problem) = field.normalised([value])
        {
            refuse("example", "the example does not fit the field: \(problem.message)")
        }
        for (index, choice) in field.choices.enumerated()
        where field.choices[..<index].contains(where: { $0.value == choice.value }) {
            refuse("choices", "the choice '\(shown(choice.value))' is there twice")
        }
    }

    private func period(_ key: String, _ section: Section) -> Period? {
        guard let text = section.text(key) else { return nil }
        if let period = Period(text) { return period }
        notes.error(
            section.node(key)?.spot ?? section.spot, "'\(key)' is a length of time", "90d, 12w, 6m or 1y")
        return nil
    }

    private func choice(_ node: Node, of field: String, _ conditions: ConditionReader) -> Choice? {
        guard let section = Section(node, "a choice", keys: ["value", "label", "help", "when"], notes: notes)
        else {
            return nil
        }
        let value = section.requiredText("value")
        notes.place(.choice(value, of: field), at: section.spot)
        if section.text("help") == nil, !section.has("help") {
            notes.warning(section.spot, "the choice '\(shown(value))' has no help", "add 'help: …'")
        }
        return Choice(
            value: value, label: section.text("label") ?? value, help: section.text("help") ?? "",
            condition: conditions.read(section.node("when")))
    }

    private func requirement(_ node: Node, _ conditions: ConditionReader) -> Requirement {
        guard case .scalar(let scalar) = node else {
            return .when(conditions.read(node, secretsAllowed: true))
        }
        switch truth(scalar.string) {
        case true?: return .always
        case false?: return .never
        case nil:
            notes.error(node.spot, "'required' is yes, no, or a condition")
            return .always
        }
    }

    private func foreignPrefix(_ node: Node) -> ForeignPrefix? {
        guard let section = Section(node, "a foreign prefix", keys: ["prefix", "means"], notes: notes) else {
            return nil
        }
        let prefix = section.requiredText("prefix")
        return ForeignPrefix(prefix: prefix, means: section.requiredText("means"))
    }
}

extension Field {
    func requiring(_ requirement: Requirement) -> Field {
        Field(
            key: key, label: label, help: help, howToGet: howToGet, example: example, isSecret: isSecret,
            isList: isList, isMultiline: isMultiline, isClientReference: isClientReference,
            defaultValue: defaultValue, choices: choices, condition: condition, requirement: requirement,
            maximumLength: maximumLength, normalisers: normalisers, strippedPrefixes: strippedPrefixes,
            foreignPrefixes: foreignPrefixes, renewal: renewal)
    }
}
