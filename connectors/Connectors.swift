/// The connector files that come with the program, as they are in this folder.
///
/// One function a file, so that a command that needs one connector touches no other.
public enum Connectors {
    /// Sorted.
    public static let names = ["celonis", "http", "postgresql", "servicenow"]

    /// The bytes of `NAME.yaml`, or nil when there is none.
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
