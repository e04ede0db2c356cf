import Connectors
import Synchronization

extension Connector {
    /// The names of the built-in connectors, sorted.
    public static var builtInNames: [String] { Connectors.names }

    private static let cache = Mutex<[String: Connector]>([:])

    /// Returns a built-in connector, or nil if no built-in connector has this name.
    ///
    /// Its file is parsed on the first call in a process and cached after that. No other file is read, because a short
    /// command uses one connector and pays for its parsing (decision 0039).
    public static func builtIn(named name: String) -> Connector? {
        cache.withLock { cache in
            if let connector = cache[name] { return connector }
            guard let source = builtInSource(named: name) else { return nil }
            do throws(ConnectorFileError) { cache[name] = try Connector(yaml: source) } catch {
                preconditionFailure("built-in connector \(name): \(error.diagnostics)")
            }
            return cache[name]
        }
    }

    /// Returns the text of a built-in connector's file, or nil if no built-in connector has this name.
    public static func builtInSource(named name: String) -> String? {
        Connectors.yaml(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
