import VaultRegistry

// Prints the connector whose YAML is the input as Swift (scripts/connector-source.sh, docs/decisions/0032-connectors-as-swift.md).

/// Writes values out of which a connector is made as what makes them again.
///
/// Structures and enumerations are written as their own initialisers and cases, which is how they are reflected; what has
/// an initialiser of another form is written by it.
struct Source {
    static func text(_ value: Any) -> String {
        switch value {
        case let text as String: literal(text)
        case let number as Int: "\(number)"
        case let flag as Bool: "\(flag)"
        case let condition as Condition where condition == .always: ".always"
        case let pattern as HostPattern: "HostPattern(\(literal(pattern.text)))!"
        case let period as Period: "Period(\(literal(period.text)))!"
        default: reflected(Mirror(reflecting: value), value)
        }
    }

    private static func reflected(_ mirror: Mirror, _ value: Any) -> String {
        let parts = Array(mirror.children)
        switch mirror.displayStyle {
        case .optional: return parts.first.map { text($0.value) } ?? "nil"
        case .collection: return "[" + parts.map { text($0.value) }.joined(separator: ", ") + "]"
        case .tuple: return "(" + arguments(parts) + ")"
        case .enum:
            guard let part = parts.first, let name = part.label else { return ".\(value)" }
            let payload = text(part.value)
            return Mirror(reflecting: part.value).displayStyle == .tuple
                ? ".\(name)\(payload)" : ".\(name)(\(payload))"
        default: return name(of: type(of: value)) + "(" + arguments(parts) + ")"
        }
    }

    private static func arguments(_ parts: [Mirror.Child]) -> String {
        parts.map { part in
            // An element of a tuple without a name is called by its place.
            let label = part.label.flatMap { $0.hasPrefix(".") ? nil : $0 + ": " } ?? ""
            return label + text(part.value)
        }.joined(separator: ", ")
    }

    /// `Condition.Clause`, without its room and what it is generic over.
    private static func name(of type: Any.Type) -> String {
        String(reflecting: type).prefix { $0 != "<" }.split(separator: ".").dropFirst().joined(separator: ".")
    }

    private static func literal(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": out += "\\n"
            case "\"", "\\": out += "\\\(scalar)"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

var yaml = ""
while let line = readLine(strippingNewline: false) { yaml += line }
let connector = try Connector(yaml: yaml)
print(
    """
    // Written by scripts/connector-source.sh from connectors/\(connector.name).yaml, and not by hand.

    extension Connector {
        static func \(String(connector.name.map { $0 == "-" ? "_" : $0 }))() -> Connector {
            \(Source.text(connector))
        }
    }
    """)
