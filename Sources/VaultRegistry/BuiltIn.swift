import Connectors

// `Connector.builtIn(_:)` gives them as they are written in `BuiltIn`, which a test holds against the YAML.
extension Connector {
    /// The names of the connectors that come with the program, sorted.
    public static let builtIn = Connectors.names

    /// The text of such a connector's file; nil when there is none of this name.
    public static func builtInYAML(_ name: String) -> String? {
        Connectors.yaml(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
