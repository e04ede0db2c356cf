extension Connector {
    /// Reads a connector file (docs/connectors.md).
    ///
    /// - Throws: `ConnectorFileError` if the file has a mistake that makes the connector unusable.
    public init(yaml: String) throws(ConnectorFileError) {
        let diagnostics = DiagnosticCollector()
        guard let connector = Connector.read(yaml, diagnostics), !diagnostics.hasErrors else {
            throw ConnectorFileError(diagnostics: diagnostics.sorted)
        }
        self = connector
        source = yaml
    }

    /// Returns every mistake in a connector file, by position.
    public static func lint(_ yaml: String) -> [Diagnostic] {
        let diagnostics = DiagnosticCollector()
        if let connector = read(yaml, diagnostics), !diagnostics.hasErrors {
            ReachabilityCheck(connector, diagnostics: diagnostics).run()
        }
        return diagnostics.sorted
    }

    private static let keys = [
        "format", "connector", "title", "summary", "hosts", "host", "port", "plain-http", "fields", "client",
        "authenticate", "tests", "variables",
    ]

    private static func read(_ yaml: String, _ diagnostics: DiagnosticCollector) -> Connector? {
        guard let root = Node.parse(yaml, diagnostics),
            let file = MappingReader(root, "a connector", keys: keys, diagnostics: diagnostics)
        else {
            return nil
        }
        let name = file.requiredText("connector")
        if file.has("connector"), !isKey(name) {
            diagnostics.error(file.keyPosition("connector"), "invalid name '\(shown(name))'", keyHint)
        }
        if let format = file.text("format"), format != "1" {
            diagnostics.error(
                file.keyPosition("format"), "unsupported format '\(shown(format))'", "use 'format: 1'")
        }
        if !file.has("fields") {
            diagnostics.error(file.position, "a connector needs 'fields'", "add 'fields:' with a list")
        }
        let fields = FieldReader(diagnostics: diagnostics).read(file.items("fields"))
        let client = readClient(file.node("client"), fields, diagnostics)
        let recipes = RecipeReader(diagnostics: diagnostics, fields: fields, client: client)
        let port = file.node("port").map { recipes.templates.read($0, .noSecrets("ports end up in logs")) }
        let connector = Connector(
            name: name, title: file.requiredText("title"), summary: file.requiredText("summary"),
            hosts: hosts(file, diagnostics), fields: fields, client: client,
            authentications: recipes.authentications(file), tests: recipes.tests(file),
            variables: recipes.variables(file), addresses: recipes.addresses(file), port: port,
            allowsPlainLoopback: plainLoopback(file, diagnostics))
        connector.checkClientFields(file, diagnostics)
        return connector
    }

    private static func hosts(_ file: MappingReader, _ diagnostics: DiagnosticCollector) -> [HostPattern] {
        if !file.has("hosts") {
            diagnostics.error(
                file.position, "a connector needs 'hosts'",
                "list the hosts it may send to: hosts: [\"*.example.com\"]")
        }
        if !file.has("host") {
            diagnostics.error(
                file.position, "a connector needs 'host'", "add the host it connects to: host: \"{domain}\"")
        }
        return file.texts("hosts").compactMap { text, position in
            if let pattern = HostPattern(text) { return pattern }
            diagnostics.error(
                position, "invalid host pattern '\(shown(text))'",
                "use api.example.com, \"*.example.com\", \"*\", an IP address, <ip> or <loopback>, in lower case"
            )
            return nil
        }
    }

    private static func plainLoopback(_ file: MappingReader, _ diagnostics: DiagnosticCollector) -> Bool {
        guard let word = file.text("plain-http") else { return false }
        if word != "loopback" {
            diagnostics.error(
                file.keyPosition("plain-http"), "'plain-http' must be 'loopback'", "correct or remove it")
        }
        return true
    }

    private static func readClient(
        _ node: Node?, _ fields: [Field], _ diagnostics: DiagnosticCollector
    ) -> OAuthClientForm? {
        let keys = ["how-to-get", "fields", "token"]
        guard let node, let form = MappingReader(node, "'client'", keys: keys, diagnostics: diagnostics)
        else { return nil }
        let clientFields = FieldReader(diagnostics: diagnostics).read(form.items("fields"))
        for (key, isSecret) in [(WellKnownKey.clientID, false), (WellKnownKey.clientSecret, true)] {
            if clientFields.first(where: { $0.key == key })?.isSecret != isSecret {
                diagnostics.error(
                    form.keyPosition("fields"),
                    "a client needs the \(isSecret ? "secret" : "setting") '\(key)'")
            }
        }
        let blank = TokenEndpoint(
            host: nil, path: Template(pieces: []), grant: .clientCredentials, style: .basic)
        let partial = OAuthClientForm(howToGet: form.text("how-to-get"), fields: clientFields, token: blank)
        let templates = TemplateReader(diagnostics: diagnostics, fields: fields, client: partial)
        guard let token = form.node("token") else {
            diagnostics.error(
                form.position, "'client' needs 'token'", "add token: {path: /oauth2/token, style: basic}")
            return partial
        }
        return OAuthClientForm(
            howToGet: partial.howToGet, fields: clientFields,
            token: TokenEndpointReader(diagnostics: diagnostics, templates: templates).read(token) ?? blank)
    }

    /// Checks that a form that refers to a client, and the client's form, both limit where the client's secret goes.
    private func checkClientFields(_ file: MappingReader, _ diagnostics: DiagnosticCollector) {
        let key = WellKnownKey.validDomainNames
        guard let reference = clientReference else {
            if client != nil {
                diagnostics.error(
                    file.keyPosition("client"), "no field refers to a client", "add 'client: yes' to a field")
            }
            return
        }
        guard let client else {
            diagnostics.error(
                file.keyPosition("fields"),
                "the field '\(reference.key)' refers to a client, but the connector has no 'client'")
            return
        }
        if client.field(key)?.isList != true {
            diagnostics.error(file.keyPosition("client"), "a client needs the list '\(key)'")
        }
        if field(key)?.isList != true {
            diagnostics.error(
                file.keyPosition("fields"), "a connector with a client needs the list '\(key)' in its fields")
        }
    }
}
