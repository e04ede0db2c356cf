// Reads templates: text with `{field}`, `{access-token}` and `{client.field}`; `{{` and `}}` are braces.
extension MappingReader {
    /// - Parameter reason: Why the template may not contain secrets and tokens; nil if it may.
    func template(_ key: String, noSecrets reason: String? = nil) -> Template {
        node(key).map { template($0, noSecrets: reason) } ?? Template(pieces: [])
    }

    /// Reads a template, and reports an error if it is missing or empty.
    func requiredTemplate(_ key: String, noSecrets reason: String? = nil) -> Template {
        _ = requiredText(key)
        return template(key, noSecrets: reason)
    }

    func template(_ node: Node, noSecrets reason: String?) -> Template {
        guard case .scalar(let scalar) = node else {
            diagnostics.error(node.position, "a template must be a single text")
            return Template(pieces: [])
        }
        let scalars = Array(scalar.string.unicodeScalars)
        let lastEnd = scalars.lastIndex(of: "}") ?? -1
        // Escapes and folding shift columns. Then a diagnostic is at the beginning of the text.
        let isShifted =
            scalar.style == .block || scalars.contains { $0 == "\\" || $0 == "\"" || $0 == "\n" }
        func position(_ index: Int) -> SourcePosition {
            let offset = isShifted ? 0 : scalar.style == .plain ? index : index + 1
            return SourcePosition(line: node.position.line, column: node.position.column + offset)
        }
        var pieces: [TemplatePiece] = []
        var text = String.UnicodeScalarView()
        func endText() {
            if !text.isEmpty { pieces.append(.text(String(text))) }
            text = String.UnicodeScalarView()
        }
        var index = 0
        while index < scalars.count {
            let (start, character) = (index, scalars[index])
            index += 1
            if character != "{", character != "}" {
                text.append(character)
            } else if index < scalars.count, scalars[index] == character {
                text.append(character)
                index += 1
            } else if character == "{", index <= lastEnd, let end = scalars[index...].firstIndex(of: "}") {
                let name = String(String.UnicodeScalarView(scalars[index..<end]))
                index = end + 1
                guard let piece = piece(name, position(start), reason) else { continue }
                endText()
                pieces.append(piece)
            } else {
                diagnostics.error(
                    position(start), "unbalanced brace",
                    "write {field}, or {{ and }} for the braces themselves")
            }
        }
        endText()
        return Template(pieces: pieces)
    }

    private func piece(_ name: String, _ position: SourcePosition, _ reason: String?) -> TemplatePiece? {
        if name == "access-token" {
            guard let reason else { return .token }
            diagnostics.error(position, "an access token is not allowed here", reason)
            return nil
        }
        let isClient = name.hasPrefix("client.")
        let key = isClient ? String(name.dropFirst(7)) : name
        guard let field = (isClient ? scope.clientFields : scope.fields).first(where: { $0.key == key })
        else {
            let keys =
                scope.fields.map(\.key) + ["access-token"] + scope.clientFields.map { "client." + $0.key }
            diagnostics.error(
                position, "unknown field '\(shown(name))' in the template", nearestHint(name, among: keys))
            return nil
        }
        guard field.isSecret else { return isClient ? .clientSetting(key) : .setting(key) }
        if let reason {
            diagnostics.error(position, "the secret '\(name)' is not allowed here", reason)
            return nil
        }
        return isClient ? .clientSecret(key) : .secret(key)
    }
}
