import VaultCore
import VaultRegistry

extension VaultError.ConnectorError {
    var failure: Failure {
        switch self {
        case .unknown(let name, let nearest):
            .notFound("no connector is called '\(name)'" + nearest.suggestion).next("vault connector list")
        case .taken(let name, isBuiltIn: true):
            .alreadyExists("'\(name)' is a built-in connector").next("give your connector another name")
        case .taken(let name, isBuiltIn: false):
            .refused("can't replace the connector '\(name)': connections use it")
                .next("give the new one another name, such as \(name)-2")
        case .inUse(let name):
            .refused("can't remove the connector '\(name)': connections use it")
                .next("vault connection list --connector \(name)")
        case .invalidFile(let path, let diagnostics):
            Failure(
                .usage,
                problems: diagnostics.map {
                    .init("\(path):\($0.line):\($0.column): \($0.message)", next: $0.hint)
                })
        }
    }
}
