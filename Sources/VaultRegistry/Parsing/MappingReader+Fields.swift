/// Keys with another meaning in templates or on the command line.
private let reservedKeys = ["name", "access-token", "client"]
private let renewalKeys = ["rotate-every", "expires-after", "how-to-revoke"]
private let fieldKeys =
    [
        "key", "label", "help", "how-to-get", "example", "secret", "list", "multiline", "client",
        "default", "choices", "when", "required", "maximum-length", "normalise", "strip-prefixes",
        "foreign-prefixes",
    ] + renewalKeys

// Reads the fields of a form.
extension MappingReader {
    func fields() -> [Field] {
        var fields: [Field] = []
        var requirements: [(MappingReader, Int)] = []
        for var mapping in mappings("fields", "a field", keys: fieldKeys) {
            mapping.scope.fields = fields
            let field = mapping.field()
            if fields.contains(where: { $0.key == field.key }), !field.key.isEmpty {
                mapping.reject(key: "key", "duplicate field '\(field.key)'", "rename one of them")
                continue
            }
            if mapping.has("required") { requirements.append((mapping, fields.count)) }
            fields.append(field)
        }
        // A requirement can test later fields, so it is read once all are known.
        for (mapping, index) in requirements {
            var mapping = mapping
            mapping.scope.fields = fields
            fields[index].requirement = mapping.requirement()
        }
        return fields
    }

    private func field() -> Field {
        let key = requiredText("key")
        if has("key"), !isKey(key) {
            reject(key: "key", "invalid key '\(shown(key))'", keyHint)
        } else if reservedKeys.contains(key) {
            reject(key: "key", "the key '\(key)' is reserved", "use another key")
        }
        let isSecret = flag("secret") ?? false
        let isMultiline = flag("multiline") ?? false
        let maximum = value("maximum-length", "a whole number from 1 to 65536") { text in
            Int(text).flatMap { (1...65536).contains($0) ? $0 : nil }
        }
        let field = Field(
            key: key, label: requiredText("label"), help: requiredText("help"),
            howToGet: text("how-to-get"), example: text("example"), isSecret: isSecret,
            isList: flag("list") ?? false, isMultiline: isMultiline,
            isClientReference: flag("client") ?? false, defaultValue: text("default"), choices: choices(),
            condition: condition(), requirement: .always,
            maximumLength: maximum ?? (isMultiline ? 65536 : isSecret ? 8192 : 1000),
            normalizers: items("normalise").compactMap(normalizer),
            strippedPrefixes: texts("strip-prefixes").map(\.text), foreignPrefixes: foreignPrefixes(),
            renewal: Renewal(
                rotateEvery: period("rotate-every"), expiresAfter: period("expires-after"),
                howToRevoke: text("how-to-revoke")))
        check(field)
        return field
    }

    private func check(_ field: Field) {
        if field.isSecret {
            for key in ["default", "choices", "list", "client", "normalise", "example"] where has(key) {
                reject(key: key, "a secret can't have '\(key)'")
            }
            if field.howToGet == nil {
                diagnostics.warning(
                    position, "the secret '\(field.key)' has no 'how-to-get'", "add 'how-to-get: |'")
            }
        } else {
            for key in ["strip-prefixes", "foreign-prefixes"] where has(key) {
                reject(key: key, "only a secret can have '\(key)'; use 'normalise'")
            }
            for key in renewalKeys where has(key) { reject(key: key, "only a secret can have '\(key)'") }
            for (key, text) in [("default", field.defaultValue), ("example", field.example)] {
                guard let text else { continue }
                do { _ = try field.normalized([text]) } catch {
                    reject(key: key, "the \(key) is invalid: \(error.message)")
                }
            }
        }
        if field.isList, field.isMultiline { reject(key: "multiline", "a list can't be multiline") }
        if field.isClientReference, field.isList || !field.choices.isEmpty {
            reject(key: "client", "a reference to a client can't be a list or have choices")
        }
        for (index, choice) in field.choices.enumerated()
        where field.choices[..<index].contains(where: { $0.value == choice.value }) {
            reject(key: "choices", "duplicate choice '\(shown(choice.value))'")
        }
    }

    private func period(_ key: String) -> Period? {
        value(key, "a period", "use 90d, 12w, 6m or 1y") { Period($0) }
    }

    private func choices() -> [Choice] {
        mappings("choices", "a choice", keys: ["value", "label", "help", "when"]).map { choice in
            let value = choice.requiredText("value")
            if !choice.has("help") {
                diagnostics.warning(
                    choice.position, "the choice '\(shown(value))' has no help", "add 'help: …'")
            }
            return Choice(
                value: value, label: choice.text("label") ?? value, help: choice.text("help") ?? "",
                condition: choice.condition())
        }
    }

    private func foreignPrefixes() -> [ForeignPrefix] {
        mappings("foreign-prefixes", "a foreign prefix", keys: ["prefix", "means"]).map {
            ForeignPrefix(prefix: $0.requiredText("prefix"), means: $0.requiredText("means"))
        }
    }

    private func requirement() -> Requirement {
        guard case .scalar(let scalar)? = node("required") else {
            return .when(condition("required", secretsAllowed: true))
        }
        guard let isRequired = boolean(scalar.string) else {
            reject(value: "required", "'required' must be yes, no or a condition")
            return .always
        }
        return isRequired ? .always : .never
    }
}
