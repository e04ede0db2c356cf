import VaultCore
import VaultRegistry

extension Failure {
    init(_ error: VaultError.ConnectorError) {
        switch error {
        case .unknown(let name, let nearest):
            self.init(
                .notFound, "no connector is called '\(name)'" + nearest.suggestion,
                next: "vault connector list")
        case .taken(let name, isBuiltIn: true):
            self.init(
                .alreadyExists, "'\(name)' is a built-in connector", next: "give your connector another name")
        case .taken(let name, isBuiltIn: false):
            self.init(
                .refused, "can't replace the connector '\(name)': connections use it",
                next: "give the new one another name, such as \(name)-2")
        case .inUse(let name):
            self.init(
                .refused, "can't remove the connector '\(name)': connections use it",
                next: "vault connection list --connector \(name)")
        case .invalidFile(let path, let diagnostics):
            self.init(
                .usage,
                problems: diagnostics.map {
                    Problem("\(path):\($0.line):\($0.column): \($0.message)", next: $0.hint)
                })
        }
    }
}
