/// Reads templates: text with `{field}`, `{access-token}` and `{client.field}`; `{{` and `}}` are braces.
struct TemplateReader {
    let notes: Notes
    let fields: [Field]
    let client: OAuthClientForm?

    /// What a template may hold.
    struct Allowance {
        var secrets = true
        var token = true
        var why = ""
        static let all = Allowance()
        static func noSecrets(_ why: String) -> Allowance {
            Allowance(secrets: false, token: false, why: why)
        }
    }

    func read(_ node: Node?, _ allowance: Allowance = .all) -> Template {
        guard let node else { return Template(pieces: []) }
        guard case .scalar(let scalar) = node else {
            notes.error(node.spot, "a template is one text")
            return Template(pieces: [])
        }
        let isPlain = scalar.style == .plain
        let isBlock = scalar.style == .block
        // Escapes and folding move columns; then the beginning of the text has to do.
        let canPoint =
            !isBlock && !scalar.string.unicodeScalars.contains { $0 == "\\" || $0 == "\"" || $0 == "\n" }
        var reading = Reading(scalars: Array(scalar.string.unicodeScalars))
        while let part = reading.next() {
            let offset = canPoint ? part.start + (isPlain ? 0 : 1) : 0
            let spot = Spot(line: node.spot.line, column: node.spot.column + offset)
            switch part.what {
            case .text(let text): reading.append(text)
            case .place(let name):
                if let piece = piece(name, spot, allowance) { reading.pieces.append(piece) }
            case .unbalanced:
                notes.error(spot, "a brace stands alone", "a place is {field}; a brace itself is {{ or }}")
            }
        }
        return Template(pieces: reading.pieces)
    }

    private func piece(_ name: String, _ spot: Spot, _ allowance: Allowance) -> TemplatePiece? {
        if name == "access-token" {
            if allowance.token { return .token }
            notes.error(spot, "an access token has no place here", allowance.why)
            return nil
        }
        let isClient = name.hasPrefix("client.")
        let key = isClient ? String(name.dropFirst(7)) : name
        let known = isClient ? client?.fields ?? [] : fields
        guard let field = known.first(where: { $0.key == key }) else {
            let keys =
                fields.map(\.key) + ["access-token"] + (client?.fields ?? []).map { "client." + $0.key }
            notes.error(
                spot, "the template names the unknown field '\(shown(name))'", nearestHint(name, among: keys))
            return nil
        }
        guard field.isSecret else { return isClient ? .clientSetting(key) : .setting(key) }
        guard allowance.secrets else {
            notes.error(spot, "the secret '\(name)' has no place here", allowance.why)
            return nil
        }
        return isClient ? .clientSecret(key) : .secret(key)
    }

    /// The parts of a template's text, and the pieces made of them so far.
    private struct Reading {
        enum What { case text(String), place(String), unbalanced }
        let scalars: [Unicode.Scalar]
        var at = 0
        var pieces: [TemplatePiece] = []

        mutating func next() -> (what: What, start: Int)? {
            guard at < scalars.count else { return nil }
            let start = at
            let scalar = scalars[at]
            at += 1
            guard scalar == "{" || scalar == "}" else {
                while at < scalars.count, scalars[at] != "{", scalars[at] != "}" { at += 1 }
                return (.text(text(start..<at)), start)
            }
            if at < scalars.count, scalars[at] == scalar {
                at += 1
                return (.text(String(scalar)), start)
            }
            guard scalar == "{", let end = scalars[at...].firstIndex(of: "}") else {
                return (.unbalanced, start)
            }
            defer { at = end + 1 }
            return (.place(text(at..<end)), start)
        }

        mutating func append(_ text: String) {
            if case .text(let before)? = pieces.last {
                pieces[pieces.count - 1] = .text(before + text)
            } else {
                pieces.append(.text(text))
            }
        }

        private func text(_ range: Range<Int>) -> String {
            var text = ""
            for scalar in scalars[range] { text.unicodeScalars.append(scalar) }
            return text
        }
    }
}
