import VaultCore

extension Failure {
    init(_ error: VaultError.UseError) {
        switch error {
        case .variablesCollide(_, let first, let second) where first == second:
            self.init(.usage, "'\(first)' is named twice", next: "name it once")
        case .variablesCollide(let variable, let first, let second):
            self.init(
                .usage, "'\(first)' and '\(second)' both set \(variable)",
                next: "run them one after another, or choose variables with --only")
        case .needsToken(let name):
            self.init(
                .refused, "'\(name)' signs in with OAuth 2.0, and its token comes from the network",
                next: "vault token '\(name)', or vault proxy '\(name)' -- COMMAND")
        case .noVariables(let name, let connector):
            self.init(
                .usage, "'\(name)' sets none of the variables named with --only",
                next: "vault connector show \(connector)")
        case .noHTTP(let name, let connector):
            self.init(
                .usage, "'\(name)' has no HTTP API: the connector \(connector) defines no authentication",
                next: "vault exec '\(name)' -- COMMAND")
        case .noTest(let name, let connector):
            self.init(
                .usage, "can't test '\(name)': the connector \(connector) defines no test",
                next: "vault connector show \(connector); docs/connectors.md explains tests")
        case .unsupportedGrant(let name, let connector):
            self.init(
                .usage, "'\(name)' uses an unsupported OAuth 2.0 grant",
                next: "use a connector with the grant client-credentials; vault connector show \(connector)")
        }
    }
}
