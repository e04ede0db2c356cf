/// Reads where access tokens come from.
struct TokenReader {
    let notes: Notes
    let templates: TemplateReader

    func read(_ node: Node) -> TokenEndpoint? {
        let keys = ["host", "path", "style", "grant", "field", "issuer", "subject", "audience"]
        guard let section = Section(node, "'token'", keys: keys, notes: notes) else { return nil }
        let path = section.requiredText("path")
        if section.has("path"), !path.hasPrefix("/") {
            notes.error(section.node("path")?.spot ?? section.spot, "a path begins with '/'")
        }
        let publicOnly = TemplateReader.Allowance.noSecrets("addresses end up in logs")
        return TokenEndpoint(
            host: section.node("host").map { templates.read($0, publicOnly) },
            path: templates.read(section.node("path"), publicOnly), grant: grant(section),
            style: style(section))
    }

    private func style(_ section: Section) -> TokenEndpoint.Style {
        guard let word = section.text("style") else { return .basic }
        if let style = TokenEndpoint.Style(rawValue: word) { return style }
        notes.error(section.node("style")?.spot ?? section.spot, "'style' is basic or body")
        return .basic
    }

    private func grant(_ section: Section) -> TokenEndpoint.Grant {
        let word = section.text("grant") ?? "client-credentials"
        switch word {
        case "client-credentials": return .clientCredentials
        case "refresh-token": return .refreshToken(field: secretField(section))
        case "jwt-bearer":
            func claim(_ key: String) -> Template {
                _ = section.requiredText(key)
                return templates.read(section.node(key), .noSecrets("a claim is public"))
            }
            return .jwtBearer(
                keyField: secretField(section), issuer: claim("issuer"), subject: claim("subject"),
                audience: claim("audience"))
        default:
            notes.error(
                section.node("grant")?.spot ?? section.spot, "there is no grant '\(shown(word))'",
                nearestHint(word, among: ["client-credentials", "refresh-token", "jwt-bearer"]))
            return .clientCredentials
        }
    }

    private func secretField(_ section: Section) -> String {
        let key = section.requiredText("field")
        let secrets = templates.fields.filter(\.isSecret).map(\.key)
        if section.has("field"), !secrets.contains(key) {
            notes.error(
                section.node("field")?.spot ?? section.spot, "'\(shown(key))' is not a secret field",
                nearestHint(key, among: secrets))
        }
        return key
    }
}
