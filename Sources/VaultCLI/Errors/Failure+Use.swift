import VaultCore

extension VaultError.UseError {
    var failure: Failure {
        switch self {
        case .variablesCollide(_, let first, let second) where first == second:
            .usage("'\(first)' is named twice").next("name it once")
        case .variablesCollide(let variable, let first, let second):
            .usage("'\(first)' and '\(second)' both set \(variable)")
                .next("run them one after another, or choose variables with --only")
        case .needsToken(let name):
            .refused("'\(name)' signs in with OAuth 2.0, and its token comes from the network")
                .next("vault token '\(name)', or vault proxy '\(name)' -- COMMAND")
        case .noVariables(let name, let connector):
            .usage("'\(name)' sets none of the variables named with --only")
                .next("vault connector show \(connector)")
        case .noHTTP(let name, let connector):
            .usage("'\(name)' has no HTTP API: the connector \(connector) defines no authentication")
                .next("vault exec '\(name)' -- COMMAND")
        case .noTest(let name, let connector):
            .usage("can't test '\(name)': the connector \(connector) defines no test")
                .next("vault connector show \(connector); docs/connectors.md explains tests")
        case .unsupportedGrant(let name, let connector):
            .usage("'\(name)' uses an unsupported OAuth 2.0 grant")
                .next("use a connector with the grant client-credentials; vault connector show \(connector)")
        }
    }
}
