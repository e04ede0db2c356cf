import Connectors

extension Connector {
    /// The names of the connectors that come with the program, sorted.
    public static let builtIn = Connectors.names

    /// One of them, and its file's text; nil when there is none of this name. Parses that one file only.
    public static func builtIn(_ name: String) -> (connector: Connector, yaml: String)? {
        guard let bytes = Connectors.yaml(name) else { return nil }
        let yaml = String(decoding: bytes, as: UTF8.self)
        // A test reads each of them, so this is nil for unknown names only.
        return (try? Connector(yaml: yaml)).map { ($0, yaml) }
    }
}
