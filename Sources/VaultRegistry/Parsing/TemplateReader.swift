/// Reads templates: text with `{field}`, `{access-token}` and `{client.field}`; `{{` and `}}` are braces.
struct TemplateReader {
    let diagnostics: DiagnosticCollector
    let fields: [Field]
    let client: OAuthClientForm?

    /// Whether a template may contain secrets and tokens, and if not, why.
    struct Allowance {
        var secrets = true
        var reason = ""
        static let all = Allowance()
        static func noSecrets(_ reason: String) -> Allowance { Allowance(secrets: false, reason: reason) }
    }

    func read(_ node: Node?, _ allowance: Allowance = .all) -> Template {
        guard let node else { return Template(pieces: []) }
        guard case .scalar(let scalar) = node else {
            diagnostics.error(node.position, "a template must be a single text")
            return Template(pieces: [])
        }
        // Escapes and folding shift columns. Then a diagnostic is at the beginning of the text.
        let hasColumns =
            scalar.style != .block
            && !scalar.string.unicodeScalars.contains { $0 == "\\" || $0 == "\"" || $0 == "\n" }
        var scanner = Scanner(scalars: Array(scalar.string.unicodeScalars))
        while let (token, start) = scanner.next() {
            let offset = hasColumns ? start + (scalar.style == .plain ? 0 : 1) : 0
            let position = SourcePosition(line: node.position.line, column: node.position.column + offset)
            switch token {
            case .text(let text): scanner.append(text)
            case .placeholder(let name):
                if let piece = piece(name, position, allowance) { scanner.pieces.append(piece) }
            case .unbalanced:
                diagnostics.error(
                    position, "unbalanced brace", "write {field}, or {{ and }} for the braces themselves")
            }
        }
        return Template(pieces: scanner.pieces)
    }

    private func piece(
        _ name: String, _ position: SourcePosition, _ allowance: Allowance
    ) -> TemplatePiece? {
        if name == "access-token" {
            if allowance.secrets { return .token }
            diagnostics.error(position, "an access token is not allowed here", allowance.reason)
            return nil
        }
        let isClient = name.hasPrefix("client.")
        let key = isClient ? String(name.dropFirst(7)) : name
        let known = isClient ? client?.fields ?? [] : fields
        guard let field = known.first(where: { $0.key == key }) else {
            let keys =
                fields.map(\.key) + ["access-token"] + (client?.fields ?? []).map { "client." + $0.key }
            diagnostics.error(
                position, "unknown field '\(shown(name))' in the template", nearestHint(name, among: keys))
            return nil
        }
        guard field.isSecret else { return isClient ? .clientSetting(key) : .setting(key) }
        guard allowance.secrets else {
            diagnostics.error(position, "the secret '\(name)' is not allowed here", allowance.reason)
            return nil
        }
        return isClient ? .clientSecret(key) : .secret(key)
    }

    /// Splits the text of a template into tokens, and collects its pieces.
    private struct Scanner {
        enum Token { case text(String), placeholder(String), unbalanced }
        let scalars: [Unicode.Scalar]
        var index = 0
        var pieces: [TemplatePiece] = []

        mutating func next() -> (Token, start: Int)? {
            guard index < scalars.count else { return nil }
            let start = index
            let scalar = scalars[index]
            index += 1
            guard scalar == "{" || scalar == "}" else {
                while index < scalars.count, scalars[index] != "{", scalars[index] != "}" { index += 1 }
                return (.text(text(start..<index)), start)
            }
            if index < scalars.count, scalars[index] == scalar {
                index += 1
                return (.text(String(scalar)), start)
            }
            guard scalar == "{", let end = scalars[index...].firstIndex(of: "}") else {
                return (.unbalanced, start)
            }
            defer { index = end + 1 }
            return (.placeholder(text(index..<end)), start)
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
