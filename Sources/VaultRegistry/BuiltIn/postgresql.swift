// Written by scripts/connector-source.sh from connectors/postgresql.yaml, and not by hand.

extension Connector {
    static func postgresql() -> Connector {
        Connector(
            name: "postgresql", title: "PostgreSQL",
            summary: "One database of a PostgreSQL server, with a password or a client certificate.",
            hosts: [HostPattern("*")!, HostPattern("<ip>")!],
            fields: [
                Field(
                    key: "host", label: "Host", help: "The server's name or IP address.", howToGet: nil,
                    example: "db.example.com", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.host], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "port", label: "Port", help: "The TCP port that the server listens on.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: "5432", choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.port], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "database", label: "Database", help: "The database to connect to.", howToGet: nil,
                    example: "sales", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 63, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "user", label: "User", help: "The database role to sign in as.", howToGet: nil,
                    example: "loader", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 63, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "ssl-mode", label: "SSL mode",
                    help: "How much the connection insists on TLS, as libpq's sslmode.", howToGet: nil,
                    example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: "require",
                    choices: [
                        Choice(
                            value: "disable", label: "Disable",
                            help: "No TLS. Only for a server on this machine.", condition: .always),
                        Choice(
                            value: "require", label: "Require",
                            help: "TLS, whatever certificate the server shows.", condition: .always),
                        Choice(
                            value: "verify-ca", label: "Verify CA",
                            help: "TLS, with a certificate of the CA below or of the system.",
                            condition: .always),
                        Choice(
                            value: "verify-full", label: "Verify full",
                            help: "The same, and the certificate must name the host.", condition: .always),
                    ], condition: .always, requirement: .always, maximumLength: 1000, normalisers: [],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "ca", label: "CA certificate",
                    help: "The certificate, in PEM, of the authority that signed the server's certificate.",
                    howToGet:
                        "From whoever runs the server. Cloud providers offer it for download beside the connection details.",
                    example: nil, isSecret: false, isList: false, isMultiline: true, isClientReference: false,
                    defaultValue: nil, choices: [], condition: .always,
                    requirement: .when(
                        Condition(alternatives: [
                            [Condition.Clause(key: "certificate", test: .given)],
                            [Condition.Clause(key: "certificate-key", test: .given)],
                        ])), maximumLength: 65536, normalisers: [.pem("CERTIFICATE")], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "certificate", label: "Client certificate",
                    help:
                        "Your client certificate in PEM. With its key and the CA it takes the place of a password.",
                    howToGet:
                        "From whoever runs the server, or from the provider's page for client certificates.",
                    example: nil, isSecret: false, isList: false, isMultiline: true, isClientReference: false,
                    defaultValue: nil, choices: [], condition: .always,
                    requirement: .when(
                        Condition(alternatives: [[Condition.Clause(key: "certificate-key", test: .given)]])),
                    maximumLength: 65536, normalisers: [.pem("CERTIFICATE")], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "certificate-key", label: "Client key",
                    help: "The private key of the client certificate, in PEM.",
                    howToGet:
                        "It was made together with the client certificate. Providers show or offer it once.",
                    example: nil, isSecret: true, isList: false, isMultiline: true, isClientReference: false,
                    defaultValue: nil, choices: [], condition: .always,
                    requirement: .when(
                        Condition(alternatives: [[Condition.Clause(key: "certificate", test: .given)]])),
                    maximumLength: 65536, normalisers: [], strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: Period("365d")!, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "password", label: "Password",
                    help:
                        "The role's password. It can be left out when CA, client certificate and client key are all given.",
                    howToGet:
                        "From whoever made the role (CREATE ROLE … LOGIN PASSWORD …), or from the provider's page for users.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [], condition: .always,
                    requirement: .when(
                        Condition(alternatives: [
                            [Condition.Clause(key: "ca", test: .absent)],
                            [Condition.Clause(key: "certificate", test: .absent)],
                            [Condition.Clause(key: "certificate-key", test: .absent)],
                        ])), maximumLength: 8192, normalisers: [], strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: Period("180d")!, expiresAfter: nil, howToRevoke: nil)),
            ], client: nil, authentications: [Recipe(condition: .always, what: .none)], tests: [],
            variables: [
                Recipe(
                    condition: .always,
                    what: Variable(name: "PGHOST", value: Template(pieces: [.setting("host")]), isFile: false)
                ),
                Recipe(
                    condition: .always,
                    what: Variable(name: "PGPORT", value: Template(pieces: [.setting("port")]), isFile: false)
                ),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGDATABASE", value: Template(pieces: [.setting("database")]), isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(name: "PGUSER", value: Template(pieces: [.setting("user")]), isFile: false)
                ),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGSSLMODE", value: Template(pieces: [.setting("ssl-mode")]), isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGPASSWORD", value: Template(pieces: [.secret("password")]), isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGSSLROOTCERT", value: Template(pieces: [.setting("ca")]), isFile: true)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGSSLCERT", value: Template(pieces: [.setting("certificate")]), isFile: true)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "PGSSLKEY", value: Template(pieces: [.secret("certificate-key")]), isFile: true)
                ),
            ], addresses: [Recipe(condition: .always, what: Template(pieces: [.setting("host")]))],
            port: Template(pieces: [.setting("port")]), allowsPlainLoopback: false)
    }
}
