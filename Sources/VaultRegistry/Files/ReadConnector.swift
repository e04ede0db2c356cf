extension Connector {
    /// Reads a connector file; throws when it has a mistake that makes it unusable.
    public init(yaml: String) throws(ConnectorFileError) {
        let notes = Notes()
        guard let connector = Connector.read(yaml, notes), !notes.hasErrors else {
            throw ConnectorFileError(diagnostics: notes.sorted)
        }
        self = connector
    }

    /// Every mistake in a connector file, by line.
    public static func lint(_ yaml: String) -> [Diagnostic] {
        let notes = Notes()
        if let connector = read(yaml, notes), !notes.hasErrors {
            Reachability(connector, notes: notes).check()
        }
        return notes.sorted
    }

    private static let keys = [
        "format", "connector", "title", "summary", "hosts", "host", "port", "plain-http", "fields", "client",
        "authenticate", "tests", "variables",
    ]

    private static func read(_ yaml: String, _ notes: Notes) -> Connector? {
        guard let root = Source(yaml, notes: notes).root(),
            let file = Section(root, "a connector", keys: keys, notes: notes)
        else {
            return nil
        }
        let name = file.requiredText("connector")
        if file.has("connector"), !isKey(name) {
            notes.error(
                file.spot("connector"), "'\(shown(name))' is not a name", "1 to 64 of a-z, 0-9 and '-'")
        }
        if let format = file.text("format"), format != "1" {
            notes.error(
                file.spot("format"), "format \(shown(format)) is not known", "this version reads format 1")
        }
        if !file.has("fields") {
            notes.error(file.spot, "a connector needs 'fields'", "add 'fields:' with a list")
        }
        let fields = FieldReader(notes: notes).read(file.items("fields"))
        let client = readClient(file.node("client"), fields, notes)
        let recipes = RecipeReader(notes: notes, fields: fields, client: client)
        let port = file.node("port").map { recipes.templates.read($0, .noSecrets("a port is public")) }
        let connector = Connector(
            name: name, title: file.requiredText("title"), summary: file.requiredText("summary"),
            hosts: hosts(file, notes), fields: fields, client: client,
            authentications: recipes.authentications(file), tests: recipes.tests(file),
            variables: recipes.variables(file), addresses: recipes.addresses(file), port: port,
            allowsPlainLoopback: plainLoopback(file, notes))
        connector.checkClientFields(file, notes)
        return connector
    }

    private static func hosts(_ file: Section, _ notes: Notes) -> [HostPattern] {
        if !file.has("hosts") {
            notes.error(
                file.spot, "a connector needs 'hosts'", "where it may send: hosts: [\"*.example.com\"]")
        }
        if !file.has("host") {
            notes.error(file.spot, "a connector needs 'host'", "the host it talks to: host: \"{domain}\"")
        }
        return file.texts("hosts").compactMap { text, spot in
            if let pattern = HostPattern(text) { return pattern }
            notes.error(
                spot, "'\(shown(text))' is not a host pattern",
                "api.example.com, \"*.example.com\", \"*\", an IP address, <ip> or <loopback>, in lower case")
            return nil
        }
    }

    private static func plainLoopback(_ file: Section, _ notes: Notes) -> Bool {
        guard let word = file.text("plain-http") else { return false }
        if word != "loopback" {
            notes.error(file.spot("plain-http"), "'plain-http' is 'loopback', or left out")
        }
        return true
    }

    private static func readClient(_ node: Node?, _ fields: [Field], _ notes: Notes) -> OAuthClientForm? {
        guard let node,
            let form = Section(node, "'client'", keys: ["how-to-get", "fields", "token"], notes: notes)
        else { return nil }
        let clientFields = FieldReader(notes: notes).read(form.items("fields"))
        for (key, isSecret) in [(WellKnownKey.clientID, false), (WellKnownKey.clientSecret, true)] {
            if clientFields.first(where: { $0.key == key })?.isSecret != isSecret {
                notes.error(
                    form.spot("fields"), "a client has the \(isSecret ? "secret" : "setting") '\(key)'")
            }
        }
        let blank = TokenEndpoint(
            host: nil, path: Template(pieces: []), grant: .clientCredentials, style: .basic)
        let partial = OAuthClientForm(howToGet: form.text("how-to-get"), fields: clientFields, token: blank)
        let templates = TemplateReader(notes: notes, fields: fields, client: partial)
        guard let token = form.node("token") else {
            notes.error(form.spot, "'client' needs 'token'", "token: {path: /oauth2/token, style: basic}")
            return partial
        }
        return OAuthClientForm(
            howToGet: partial.howToGet, fields: clientFields,
            token: TokenReader(notes: notes, templates: templates).read(token) ?? blank)
    }

    /// Who refers to a client also limits where its secret goes, in both forms.
    private func checkClientFields(_ file: Section, _ notes: Notes) {
        let key = WellKnownKey.validDomainNames
        guard let reference = clientReference else {
            if client != nil {
                notes.error(file.spot("client"), "no field refers to a client", "add 'client: yes' to one")
            }
            return
        }
        guard let client else {
            notes.error(
                file.spot("fields"),
                "the field '\(reference.key)' refers to a client, but there is no 'client'")
            return
        }
        if client.field(key)?.isList != true {
            notes.error(file.spot("client"), "a client has the list '\(key)'")
        }
        if field(key)?.isList != true {
            notes.error(
                file.spot("fields"), "a connector with a client has the list '\(key)' among its fields")
        }
    }
}
