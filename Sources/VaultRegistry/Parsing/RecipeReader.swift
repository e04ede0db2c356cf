/// Reads the recipes of a connector, once its forms are known.
struct RecipeReader {
    let diagnostics: DiagnosticCollector
    let fields: [Field]
    let client: OAuthClientForm?

    var templates: TemplateReader {
        TemplateReader(diagnostics: diagnostics, fields: fields, client: client)
    }

    func condition(_ mapping: MappingReader) -> Condition {
        ConditionReader(diagnostics: diagnostics, fields: fields).read(mapping.node("when"))
    }

    /// Reads the items of a list, and remembers the position of each valid one.
    func recipes<Value>(
        _ key: String, of mapping: MappingReader, _ read: (Node) -> Recipe<Value>?
    ) -> [Recipe<Value>] {
        var recipes: [Recipe<Value>] = []
        for node in mapping.items(key) {
            guard let recipe = read(node) else { continue }
            diagnostics.remember(.recipe(key, recipes.count), at: node.position)
            recipes.append(recipe)
        }
        return recipes
    }

    /// Reads `host: "{domain}"`, or a list of `{when, is}`.
    func addresses(_ file: MappingReader) -> [Recipe<Template>] {
        let allowance = TemplateReader.Allowance.noSecrets("hosts end up in logs")
        return recipes("host", of: file) { node in
            guard case .mapping = node else {
                return Recipe(condition: .always, value: templates.read(node, allowance))
            }
            guard let mapping = MappingReader(node, "a host", keys: ["when", "is"], diagnostics: diagnostics)
            else { return nil }
            _ = mapping.requiredText("is")
            return Recipe(
                condition: condition(mapping), value: templates.read(mapping.node("is"), allowance))
        }
    }

    func authentications(_ file: MappingReader) -> [Recipe<Authentication>] {
        recipes("authenticate", of: file) { node in
            let kinds = ["none", "headers", "bearer", "basic", "oauth2"]
            guard
                let mapping = MappingReader(
                    node, "an authentication method", keys: ["when"] + kinds, diagnostics: diagnostics),
                let authentication = authentication(mapping, kinds)
            else { return nil }
            return Recipe(condition: condition(mapping), value: authentication)
        }
    }

    private func authentication(_ mapping: MappingReader, _ kinds: [String]) -> Authentication? {
        guard kinds.filter(mapping.has).count == 1 else {
            diagnostics.error(
                mapping.position, "an authentication method needs exactly one of \(kinds.alternatives)")
            return nil
        }
        if mapping.has("none") { return Authentication.none }
        if let node = mapping.node("bearer") { return .headers([bearer(templates.read(node))]) }
        if mapping.has("headers") { return .headers(mapping.items("headers").compactMap(header)) }
        if let node = mapping.node("basic") {
            guard
                let basic = MappingReader(
                    node, "'basic'", keys: ["user", "password"], diagnostics: diagnostics)
            else { return nil }
            _ = (basic.requiredText("user"), basic.requiredText("password"))
            return .basic(
                user: templates.read(basic.node("user")), password: templates.read(basic.node("password")))
        }
        return mapping.node("oauth2").flatMap(oauth2)
    }

    private func bearer(_ token: Template) -> Header {
        Header(
            name: Template(pieces: [.text("Authorization")]),
            value: Template(pieces: [.text("Bearer ")] + token.pieces))
    }

    private func header(_ node: Node) -> Header? {
        guard
            let mapping = MappingReader(node, "a header", keys: ["name", "value"], diagnostics: diagnostics)
        else { return nil }
        let name = mapping.requiredText("name")
        if !name.utf8.contains(UInt8(ascii: "{")), mapping.has("name") {
            do throws(Problem) {
                _ = try checkedHeaderName(name, field: nil)
            } catch {
                diagnostics.error(mapping.keyPosition("name"), error.message, error.hint)
            }
        }
        _ = mapping.requiredText("value")
        return Header(
            name: templates.read(mapping.node("name"), .noSecrets("header names end up in logs")),
            value: templates.read(mapping.node("value")))
    }

    private func oauth2(_ node: Node) -> Authentication? {
        let keys = ["client", "scopes", "header"]
        guard let mapping = MappingReader(node, "'oauth2'", keys: keys, diagnostics: diagnostics) else {
            return nil
        }
        guard let client else {
            diagnostics.error(
                mapping.position, "'oauth2' needs a client form", "add 'client:' with 'fields' and 'token'")
            return nil
        }
        let clientField = reference(mapping, "client", "a field with 'client: yes'") { $0.isClientReference }
        var scopesField: String?
        if mapping.has("scopes") { scopesField = reference(mapping, "scopes", "a list") { $0.isList } }
        return .oauth2(
            OAuth2(
                clientField: clientField, scopesField: scopesField, endpoint: client.token,
                header: mapping.node("header").flatMap(header) ?? bearer(Template(pieces: [.token]))))
    }

    private func reference(
        _ mapping: MappingReader, _ key: String, _ kind: String, _ isKind: (Field) -> Bool
    ) -> String {
        let name = mapping.requiredText(key)
        guard mapping.has(key) else { return name }
        if !fields.contains(where: { $0.key == name && isKind($0) }) {
            diagnostics.error(
                mapping.valuePosition(key), "'\(shown(name))' is not \(kind) of this connector",
                nearestHint(name, among: fields.filter(isKind).map(\.key)))
        }
        return name
    }

    func variables(_ file: MappingReader) -> [Recipe<Variable>] {
        recipes("variables", of: file) { node in
            let keys = ["name", "value", "when", "file"]
            guard let mapping = MappingReader(node, "a variable", keys: keys, diagnostics: diagnostics)
            else { return nil }
            let name = mapping.requiredText("name")
            if mapping.has("name"), !isVariableName(name) {
                diagnostics.error(
                    mapping.valuePosition("name"), "invalid variable name '\(shown(name))'",
                    "use capital letters, digits and '_', such as API_TOKEN")
            } else if name.hasPrefix("VAULT_")
                || ["PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH"].contains(name)
            {
                diagnostics.error(
                    mapping.valuePosition("name"), "a connector can't set the variable '\(name)'")
            }
            if !mapping.has("value") { _ = mapping.requiredText("value") }
            return Recipe(
                condition: condition(mapping),
                value: Variable(
                    name: name, value: templates.read(mapping.node("value")), isFile: mapping.flag("file")))
        }
    }

    private func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !first.isASCIIDigit, text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
    }
}
