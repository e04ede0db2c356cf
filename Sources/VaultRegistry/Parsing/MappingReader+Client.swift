// Reads the form of a connector's OAuth 2.0 clients.
extension MappingReader {
    func client() -> OAuthClientForm? {
        guard var form = mapping("client", "'client'", keys: ["how-to-get", "fields", "token"]) else {
            return nil
        }
        let fields = form.fields()
        for (key, isSecret) in [(WellKnownKey.clientID, false), (WellKnownKey.clientSecret, true)]
        where fields.first(where: { $0.key == key })?.isSecret != isSecret {
            form.reject(
                key: "fields", "a client needs the \(isSecret ? "secret" : "setting") '\(key)'")
        }
        form.scope.clientFields = fields
        form.require("token", "add token: {path: /oauth2/token, style: basic}")
        let keys = ["host", "path", "style", "grant", "field", "issuer", "subject", "audience"]
        return OAuthClientForm(
            howToGet: form.text("how-to-get"), fields: fields,
            token: form.mapping("token", "'token'", keys: keys)?.tokenEndpoint()
                ?? TokenEndpoint(
                    host: nil, path: Template(pieces: []), grant: .clientCredentials, style: .basic))
    }

    private func tokenEndpoint() -> TokenEndpoint {
        let path = requiredText("path")
        if has("path"), !path.hasPrefix("/") { reject(value: "path", "a path must begin with '/'") }
        let reason = "hosts and paths end up in logs"
        return TokenEndpoint(
            host: has("host") ? template("host", noSecrets: reason) : nil,
            path: template("path", noSecrets: reason), grant: grant(),
            style: value("style", "basic or body") { TokenEndpoint.Style(rawValue: $0) } ?? .basic)
    }

    private func grant() -> TokenEndpoint.Grant {
        func secretField() -> String { fieldKey("field", "a secret field") { $0.isSecret } }
        func claim(_ key: String) -> Template {
            requiredTemplate(key, noSecrets: "anyone can read a claim")
        }
        let word = text("grant") ?? "client-credentials"
        switch word {
        case "client-credentials": return .clientCredentials
        case "refresh-token": return .refreshToken(field: secretField())
        case "jwt-bearer":
            return .jwtBearer(
                keyField: secretField(), issuer: claim("issuer"), subject: claim("subject"),
                audience: claim("audience"))
        default:
            reject(
                value: "grant", "unsupported OAuth 2.0 grant '\(shown(word))'",
                nearestHint(word, among: ["client-credentials", "refresh-token", "jwt-bearer"]))
            return .clientCredentials
        }
    }
}
