extension Node {
    private static let maximumBytes = 256 * 1024

    /// Parses the text of a connector file; returns nil after it reported why it cannot be read.
    static func parse(_ yaml: String, _ diagnostics: DiagnosticCollector) -> Node? {
        let start = SourcePosition(line: 1, column: 1)
        guard yaml.utf8.count <= maximumBytes else {
            diagnostics.error(start, "the file is larger than 256 KiB")
            return nil
        }
        // libyaml is slow when a file has many directives, so they are rejected before it sees the text.
        if let line = firstDirective(in: yaml) {
            diagnostics.error(
                SourcePosition(line: line, column: 1), "directives ('%…') are not supported",
                "remove the line")
            return nil
        }
        do {
            if let root = try Composer(events: EventReader(yaml), diagnostics: diagnostics).root() {
                return root
            }
            if !diagnostics.hasErrors {
                diagnostics.error(start, "the file is empty", "see docs/connectors.md")
            }
        } catch {
            diagnostics.error(error.position, error.message, error.hint)
        }
        return nil
    }

    /// The line of the first directive, or nil.
    private static func firstDirective(in yaml: String) -> Int? {
        guard yaml.utf8.contains(UInt8(ascii: "%")) else { return nil }
        var line = 1
        var isAtStart = true
        for byte in yaml.utf8 {
            if isAtStart, byte == UInt8(ascii: "%") { return line }
            isAtStart = byte == UInt8(ascii: "\n")
            if isAtStart { line += 1 }
        }
        return nil
    }
}
