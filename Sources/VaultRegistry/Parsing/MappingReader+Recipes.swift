private let authenticationKinds = ["none", "headers", "bearer", "basic", "oauth2"]

// Reads the recipes of a connector, once its forms are known.
extension MappingReader {
    /// Reads a list of mappings with conditions.
    func recipes<Value>(
        _ key: String, _ name: String, keys: [String], _ read: (MappingReader) -> Value?
    ) -> [Recipe<Value>] {
        mappings(key, name, keys: keys).compactMap { mapping in
            read(mapping).map { Recipe(condition: mapping.condition(), value: $0) }
        }
    }

    /// Reads `host: "{domain}"`, or a list of `{when, is}`.
    func addresses() -> [Recipe<Template>] {
        let reason = "hosts end up in logs"
        return items("host").compactMap { node in
            guard case .mapping = node else {
                return Recipe(condition: .always, value: template(node, noSecrets: reason))
            }
            return MappingReader(node, "a host", keys: ["when", "is"], scope).map { host in
                Recipe(
                    condition: host.condition(), value: host.requiredTemplate("is", noSecrets: reason))
            }
        }
    }

    func authentications() -> [Recipe<Authentication>] {
        recipes("authenticate", "an authentication method", keys: ["when"] + authenticationKinds) {
            $0.authentication()
        }
    }

    private func authentication() -> Authentication? {
        guard authenticationKinds.filter(has).count == 1 else {
            diagnostics.error(
                position,
                "an authentication method needs exactly one of \(authenticationKinds.alternatives)")
            return nil
        }
        if has("none") { return Authentication.none }
        if has("bearer") { return .headers([bearer(template("bearer"))]) }
        if has("headers") {
            return .headers(mappings("headers", "a header", keys: ["name", "value"]).map { $0.header() })
        }
        if let basic = mapping("basic", "'basic'", keys: ["user", "password"]) {
            return .basic(
                user: basic.requiredTemplate("user"), password: basic.requiredTemplate("password"))
        }
        return mapping("oauth2", "'oauth2'", keys: ["client", "scopes", "header"])?.oauth2()
    }

    private func bearer(_ token: Template) -> Header {
        Header(
            name: Template(pieces: [.text("Authorization")]),
            value: Template(pieces: [.text("Bearer ")] + token.pieces))
    }

    private func header() -> Header {
        let name = requiredText("name")
        if !name.utf8.contains(UInt8(ascii: "{")), has("name") {
            do throws(Problem) {
                _ = try checkedHeaderName(name)
            } catch {
                reject(key: "name", error.message, error.hint)
            }
        }
        return Header(
            name: template("name", noSecrets: "header names end up in logs"),
            value: requiredTemplate("value"))
    }

    private func oauth2() -> Authentication? {
        guard let endpoint = scope.tokenEndpoint else {
            diagnostics.error(
                position, "'oauth2' needs a client form", "add 'client:' with 'fields' and 'token'")
            return nil
        }
        let header = mapping("header", "a header", keys: ["name", "value"])?.header()
        return .oauth2(
            OAuth2(
                clientField: fieldKey("client", "a field with 'client: yes' of this connector") {
                    $0.isClientReference
                },
                scopesField: has("scopes")
                    ? fieldKey("scopes", "a list of this connector") { $0.isList } : nil,
                endpoint: endpoint, header: header ?? bearer(Template(pieces: [.token]))))
    }

    /// Reads the key of a field of some kind.
    func fieldKey(_ key: String, _ kind: String, _ isKind: (Field) -> Bool) -> String {
        let name = requiredText(key)
        let known = scope.fields.filter(isKind).map(\.key)
        if has(key), !known.contains(name) {
            reject(value: key, "'\(shown(name))' is not \(kind)", nearestHint(name, among: known))
        }
        return name
    }

    func variables() -> [Recipe<Variable>] {
        recipes("variables", "a variable", keys: ["name", "value", "when", "file"]) { variable in
            let name = variable.requiredText("name")
            if variable.has("name"), !isVariableName(name) {
                variable.reject(
                    value: "name", "invalid variable name '\(shown(name))'",
                    "use capital letters, digits and '_', such as API_TOKEN")
            } else if name.hasPrefix("VAULT_")
                || ["PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH"].contains(name)
            {
                variable.reject(value: "name", "a connector can't set the variable '\(name)'")
            }
            variable.require("value")
            return Variable(
                name: name, value: variable.template("value"), isFile: variable.flag("file") ?? false)
        }
    }
}

private func isVariableName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !first.isASCIIDigit, text.utf8.count <= 128 else { return false }
    return text.utf8.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
}
