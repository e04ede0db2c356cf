extension Connector {
    /// Reads a connector file (docs/connectors.md).
    ///
    /// - Throws: `ConnectorFileError` if the file has a mistake that makes the connector unusable.
    public init(yaml: String) throws(ConnectorFileError) {
        let diagnostics = DiagnosticCollector()
        guard let (connector, _) = Connector.read(yaml, diagnostics), !diagnostics.hasErrors else {
            throw ConnectorFileError(diagnostics: diagnostics.sorted)
        }
        self = connector
        source = yaml
    }

    /// Returns every mistake in a connector file, by position.
    public static func lint(_ yaml: String) -> [Diagnostic] {
        let diagnostics = DiagnosticCollector()
        if let (connector, file) = read(yaml, diagnostics), !diagnostics.hasErrors {
            var check = ReachabilityCheck(connector, file)
            check.run()
        }
        return diagnostics.sorted
    }

    private static let keys = [
        "format", "connector", "title", "summary", "hosts", "host", "port", "plain-http", "fields", "client",
        "authenticate", "tests", "variables",
    ]

    private static func read(
        _ yaml: String, _ diagnostics: DiagnosticCollector
    ) -> (Connector, MappingReader)? {
        guard let root = Node.parse(yaml, diagnostics),
            var file = MappingReader(root, "a connector", keys: keys, Scope(diagnostics: diagnostics))
        else { return nil }
        let name = file.requiredText("connector")
        if file.has("connector"), !isKey(name) {
            file.reject(key: "connector", "invalid name '\(shown(name))'", keyHint)
        }
        if let format = file.text("format"), format != "1" {
            file.reject(key: "format", "unsupported format '\(shown(format))'", "use 'format: 1'")
        }
        file.require("fields", "add 'fields:' with a list")
        file.scope.fields = file.fields()
        let client = file.client()
        file.scope.clientFields = client?.fields ?? []
        file.scope.tokenEndpoint = client?.token
        let connector = Connector(
            name: name, title: file.requiredText("title"), summary: file.requiredText("summary"),
            hosts: hosts(file), fields: file.scope.fields, client: client,
            authentications: file.authentications(), tests: file.tests(), variables: file.variables(),
            addresses: file.addresses(),
            port: file.has("port") ? file.template("port", noSecrets: "ports end up in logs") : nil,
            allowsPlainLoopback: plainLoopback(file))
        connector.checkClientFields(file)
        return (connector, file)
    }

    private static func hosts(_ file: MappingReader) -> [HostPattern] {
        file.require("hosts", "list the hosts it may send to: hosts: [\"*.example.com\"]")
        file.require("host", "add the host it connects to: host: \"{domain}\"")
        return file.texts("hosts").compactMap { text, position in
            if let pattern = HostPattern(text) { return pattern }
            file.diagnostics.error(
                position, "invalid host pattern '\(shown(text))'",
                "use api.example.com, \"*.example.com\", \"*\", an IP address, <ip> or <loopback>, in lower case"
            )
            return nil
        }
    }

    private static func plainLoopback(_ file: MappingReader) -> Bool {
        let word = file.text("plain-http")
        if let word, word != "loopback" {
            file.reject(key: "plain-http", "'plain-http' must be 'loopback'", "correct or remove it")
        }
        return word != nil
    }

    /// Checks that a form that refers to a client, and the client's form, both limit where the client's secret goes.
    private func checkClientFields(_ file: MappingReader) {
        let key = WellKnownKey.validDomainNames
        switch (clientReference, client) {
        case (nil, nil): break
        case (nil, _?):
            file.reject(key: "client", "no field refers to a client", "add 'client: yes' to a field")
        case (let reference?, nil):
            file.reject(
                key: "fields",
                "the field '\(reference.key)' refers to a client, but the connector has no 'client'")
        case (_?, let client?):
            if client.field(key)?.isList != true {
                file.reject(key: "client", "a client needs the list '\(key)'")
            }
            if field(key)?.isList != true {
                file.reject(
                    key: "fields", "a connector with a client needs the list '\(key)' in its fields")
            }
        }
    }
}
