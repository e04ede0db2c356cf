/// Reads the endpoint that issues access tokens.
struct TokenEndpointReader {
    let diagnostics: DiagnosticCollector
    let templates: TemplateReader

    func read(_ node: Node) -> TokenEndpoint? {
        let keys = ["host", "path", "style", "grant", "field", "issuer", "subject", "audience"]
        guard let mapping = MappingReader(node, "'token'", keys: keys, diagnostics: diagnostics) else {
            return nil
        }
        let path = mapping.requiredText("path")
        if mapping.has("path"), !path.hasPrefix("/") {
            diagnostics.error(mapping.valuePosition("path"), "a path must begin with '/'")
        }
        let publicOnly = TemplateReader.Allowance.noSecrets("hosts and paths end up in logs")
        return TokenEndpoint(
            host: mapping.node("host").map { templates.read($0, publicOnly) },
            path: templates.read(mapping.node("path"), publicOnly), grant: grant(mapping),
            style: style(mapping))
    }

    private func style(_ mapping: MappingReader) -> TokenEndpoint.Style {
        guard let word = mapping.text("style") else { return .basic }
        if let style = TokenEndpoint.Style(rawValue: word) { return style }
        diagnostics.error(mapping.valuePosition("style"), "'style' must be basic or body")
        return .basic
    }

    private func grant(_ mapping: MappingReader) -> TokenEndpoint.Grant {
        let word = mapping.text("grant") ?? "client-credentials"
        switch word {
        case "client-credentials": return .clientCredentials
        case "refresh-token": return .refreshToken(field: secretField(mapping))
        case "jwt-bearer":
            func claim(_ key: String) -> Template {
                _ = mapping.requiredText(key)
                return templates.read(mapping.node(key), .noSecrets("anyone can read a claim"))
            }
            return .jwtBearer(
                keyField: secretField(mapping), issuer: claim("issuer"), subject: claim("subject"),
                audience: claim("audience"))
        default:
            diagnostics.error(
                mapping.valuePosition("grant"), "unsupported OAuth 2.0 grant '\(shown(word))'",
                nearestHint(word, among: ["client-credentials", "refresh-token", "jwt-bearer"]))
            return .clientCredentials
        }
    }

    private func secretField(_ mapping: MappingReader) -> String {
        let key = mapping.requiredText("field")
        let secrets = templates.fields.filter(\.isSecret).map(\.key)
        if mapping.has("field"), !secrets.contains(key) {
            diagnostics.error(
                mapping.valuePosition("field"), "'\(shown(key))' is not a secret field",
                nearestHint(key, among: secrets))
        }
        return key
    }
}
