extension MappingReader {
    private static let plain: [(String, Normalizer)] = [
        ("host", .host), ("segment", .segment), ("path", .path), ("upper-case", .upperCase),
        ("lower-case", .lowerCase), ("port", .port), ("scope", .scope), ("header-name", .headerName),
    ]
    private static let withValue = ["subdomain-of", "segment-after", "strip-prefix", "pem"]

    /// Reads a word (`host`), or a mapping of one word to its value (`subdomain-of: service-now.com`).
    func normalizer(_ node: Node) -> Normalizer? {
        if case .scalar(let scalar) = node {
            if let found = Self.plain.first(where: { $0.0 == scalar.string }) { return found.1 }
            diagnostics.error(
                node.position, "unknown normalizer '\(shown(scalar.string))'",
                nearestHint(scalar.string, among: Self.plain.map(\.0) + Self.withValue))
            return nil
        }
        guard let mapping = MappingReader(node, "a normalizer", keys: Self.withValue, scope) else {
            return nil
        }
        if let suffix = mapping.text("subdomain-of") {
            if Host.isName(suffix) { return .subdomain(suffix) }
            mapping.reject(value: "subdomain-of", "'\(shown(suffix))' is not a host name")
            return nil
        }
        if mapping.has("segment-after") { return .segmentAfter(mapping.texts("segment-after").map(\.text)) }
        if mapping.has("strip-prefix") { return .stripPrefix(mapping.texts("strip-prefix").map(\.text)) }
        return mapping.text("pem").map { .pem($0) }
    }
}
