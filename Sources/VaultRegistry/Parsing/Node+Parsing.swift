extension Node {
    private static let maximumBytes = 256 * 1024

    /// Parses the text of a connector file; returns nil after it reported why it cannot be read.
    static func parse(_ yaml: String, _ diagnostics: DiagnosticCollector) -> Node? {
        do throws(UnreadableYAML) {
            guard yaml.utf8.count <= maximumBytes else {
                throw UnreadableYAML(.start, "the file is larger than 256 KiB")
            }
            // libyaml is slow when a file has many directives, so they are rejected before it sees the text.
            if yaml.utf8.contains(UInt8(ascii: "%")), let line = firstDirective(in: yaml) {
                throw UnreadableYAML(
                    SourcePosition(line: line, column: 1), "directives ('%…') are not supported",
                    "remove the line")
            }
            let root = try Composer(events: EventReader(yaml), diagnostics: diagnostics).root()
            guard root != nil || diagnostics.hasErrors else {
                throw UnreadableYAML(.start, "the file is empty", "see docs/connectors.md")
            }
            return root
        } catch {
            diagnostics.error(error.position, error.message, error.hint)
            return nil
        }
    }

    /// The line of the first directive, or nil.
    private static func firstDirective(in yaml: String) -> Int? {
        yaml.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .firstIndex { $0.first == UInt8(ascii: "%") }.map { $0 + 1 }
    }
}
