// Written by scripts/connector-source.sh, and not by hand.

extension Connector {
    /// A connector that comes with the program; nil when there is none of this name.
    public static func builtIn(_ name: String) -> Connector? {
        switch name {
        case "celonis": celonis()
        case "http": http()
        case "postgresql": postgresql()
        case "servicenow": servicenow()
        default: nil
        }
    }
}
