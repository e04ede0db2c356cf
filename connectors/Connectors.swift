/// The files of the built-in connectors.
///
/// Each file is a separate property, so that a command that uses one connector does not load the others.
public enum Connectors {
    /// The names of the connectors, sorted.
    public static let names = ["celonis", "http", "postgresql", "servicenow"]

    /// Returns the bytes of `NAME.yaml`, or nil if there is no such file.
    public static func yaml(_ name: String) -> [UInt8]? {
        switch name {
        case "celonis": PackageResources.celonis_yaml
        case "http": PackageResources.http_yaml
        case "postgresql": PackageResources.postgresql_yaml
        case "servicenow": PackageResources.servicenow_yaml
        default: nil
        }
    }
}
