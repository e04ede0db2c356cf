extension FieldReader {
    private static let plain: [(String, Normaliser)] = [
        ("host", .host), ("segment", .segment), ("path", .path), ("upper-case", .upperCase),
        ("lower-case", .lowerCase), ("port", .port), ("scope", .scope), ("header-name", .headerName),
    ]
    private static let withValue = ["subdomain-of", "segment-after", "strip-prefix", "pem"]

    /// A word (`host`), or a mapping of one word to its value (`subdomain-of: service-now.com`).
    func normaliser(_ node: Node) -> Normaliser? {
        if case .scalar(let scalar) = node {
            if let found = FieldReader.plain.first(where: { $0.0 == scalar.string }) { return found.1 }
            let known = FieldReader.plain.map(\.0) + FieldReader.withValue
            notes.error(
                node.spot, "there is no normaliser '\(shown(scalar.string))'",
                nearestHint(scalar.string, among: known))
            return nil
        }
        guard
            let section = Section(
                node, "a normaliser with a value", keys: FieldReader.withValue, notes: notes)
        else { return nil }
        if let suffix = section.text("subdomain-of") {
            guard Host.isName(suffix) else {
                notes.error(
                    section.node("subdomain-of")?.spot ?? section.spot,
                    "'\(shown(suffix))' is not a host name")
                return nil
            }
            return .subdomain(suffix)
        }
        if section.has("segment-after") { return .segmentAfter(section.texts("segment-after").map(\.text)) }
        if section.has("strip-prefix") { return .stripPrefix(section.texts("strip-prefix").map(\.text)) }
        return section.text("pem").map { .pem($0) }
    }
}
