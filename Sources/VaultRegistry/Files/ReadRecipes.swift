/// Reads the recipes of a connector, once its forms are known.
struct RecipeReader {
    let notes: Notes
    let fields: [Field]
    let client: OAuthClientForm?

    var templates: TemplateReader { TemplateReader(notes: notes, fields: fields, client: client) }
    private var conditions: ConditionReader { ConditionReader(notes: notes, fields: fields) }

    /// The items under a key that can be read, each with its place remembered.
    func recipes<What>(_ key: String, of section: Section, _ read: (Node) -> Recipe<What>?) -> [Recipe<What>]
    {
        var recipes: [Recipe<What>] = []
        for node in section.items(key) {
            guard let recipe = read(node) else { continue }
            notes.place(.recipe(key, recipes.count), at: node.spot)
            recipes.append(recipe)
        }
        return recipes
    }

    /// `host: "{domain}"`, or a list of `{when, is}`.
    func addresses(_ section: Section) -> [Recipe<Template>] {
        let allowance = TemplateReader.Allowance.noSecrets("a host is public")
        return recipes("host", of: section) { node in
            guard case .mapping = node else {
                return Recipe(condition: .always, what: templates.read(node, allowance))
            }
            guard let section = Section(node, "a host", keys: ["when", "is"], notes: notes) else {
                return nil
            }
            _ = section.requiredText("is")
            return Recipe(
                condition: conditions.read(section.node("when")),
                what: templates.read(section.node("is"), allowance))
        }
    }

    func authentications(_ section: Section) -> [Recipe<Authentication>] {
        recipes("authenticate", of: section) { node in
            let kinds = ["none", "headers", "bearer", "basic", "oauth2"]
            guard let section = Section(node, "a way to authenticate", keys: ["when"] + kinds, notes: notes),
                let what = authentication(section, kinds)
            else { return nil }
            return Recipe(condition: conditions.read(section.node("when")), what: what)
        }
    }

    private func authentication(_ section: Section, _ kinds: [String]) -> Authentication? {
        guard kinds.filter(section.has).count == 1 else {
            notes.error(section.spot, "a way to authenticate has exactly one of \(kinds.alternatives)")
            return nil
        }
        if section.has("none") { return Authentication.none }
        if let node = section.node("bearer") { return .headers([bearer(templates.read(node))]) }
        if section.has("headers") { return .headers(section.items("headers").compactMap(header)) }
        if let node = section.node("basic") {
            guard let basic = Section(node, "'basic'", keys: ["user", "password"], notes: notes) else {
                return nil
            }
            _ = (basic.requiredText("user"), basic.requiredText("password"))
            return .basic(
                user: templates.read(basic.node("user")), password: templates.read(basic.node("password")))
        }
        return section.node("oauth2").flatMap(oauth2)
    }

    private func bearer(_ token: Template) -> Header {
        Header(
            name: Template(pieces: [.text("Authorization")]),
            value: Template(pieces: [.text("Bearer ")] + token.pieces))
    }

    private func header(_ node: Node) -> Header? {
        guard let section = Section(node, "a header", keys: ["name", "value"], notes: notes) else {
            return nil
        }
        let name = section.requiredText("name")
        if !name.utf8.contains(UInt8(ascii: "{")), section.has("name") {
            do throws(Problem) {
                _ = try checkedHeaderName(name, field: nil)
            } catch {
                notes.error(section.spot("name"), error.message, error.fits)
            }
        }
        _ = section.requiredText("value")
        return Header(
            name: templates.read(section.node("name"), .noSecrets("a header's name is public")),
            value: templates.read(section.node("value")))
    }

    private func oauth2(_ node: Node) -> Authentication? {
        guard let section = Section(node, "'oauth2'", keys: ["client", "scopes", "header"], notes: notes)
        else {
            return nil
        }
        guard let client else {
            notes.error(
                section.spot, "'oauth2' needs a client form", "add 'client:' with its fields and 'token'")
            return nil
        }
        let clientField = reference(section, "client", "a field with 'client: yes'") { $0.isClientReference }
        var scopesField: String?
        if section.has("scopes") { scopesField = reference(section, "scopes", "a list") { $0.isList } }
        return .oauth2(
            OAuth2(
                clientField: clientField, scopesField: scopesField, endpoint: client.token,
                header: section.node("header").flatMap(header) ?? bearer(Template(pieces: [.token]))))
    }

    private func reference(
        _ section: Section, _ key: String, _ kind: String, _ fits: (Field) -> Bool
    ) -> String {
        let name = section.requiredText(key)
        guard section.has(key) else { return name }
        guard let field = fields.first(where: { $0.key == name }), fits(field) else {
            notes.error(
                section.node(key)?.spot ?? section.spot, "'\(shown(name))' is not \(kind) of this connector",
                nearestHint(name, among: fields.filter(fits).map(\.key)))
            return name
        }
        return name
    }

    func variables(_ section: Section) -> [Recipe<Variable>] {
        recipes("variables", of: section) { node in
            guard
                let section = Section(
                    node, "a variable", keys: ["name", "value", "when", "file"], notes: notes)
            else { return nil }
            let name = section.requiredText("name")
            if section.has("name"), !isVariableName(name) {
                notes.error(
                    section.node("name")?.spot ?? section.spot, "'\(shown(name))' is not a variable's name",
                    "capital letters, digits and '_', such as API_TOKEN")
            } else if name.hasPrefix("VAULT_")
                || ["PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH"].contains(name)
            {
                notes.error(
                    section.node("name")?.spot ?? section.spot, "'\(name)' is not a connector's to set")
            }
            if !section.has("value") { _ = section.requiredText("value") }
            return Recipe(
                condition: conditions.read(section.node("when")),
                what: Variable(
                    name: name, value: templates.read(section.node("value")), isFile: section.flag("file")))
        }
    }

    private func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !first.isASCIIDigit, text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
    }
}
