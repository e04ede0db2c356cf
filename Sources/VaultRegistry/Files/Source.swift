import Yams

/// The text of a connector file, turned into YAML nodes within bounds.
///
/// Refused before the YAML library sees it: more than 256 KiB, and the two constructs by which a small file makes
/// much work, anchors (`&x`, which aliases multiply) and complex keys (`? `). Nesting is bounded by libYAML (1000).
struct Source {
    static let maximumBytes = 256 * 1024

    var text: String
    let notes: Notes
    /// How many repeated keys have another name by now.
    var renamed = 0

    init(_ text: String, notes: Notes) {
        self.text = text
        self.notes = notes
    }

    /// The root, or nil after the reason is noted.
    mutating func root() -> Node? {
        guard text.utf8.count <= Source.maximumBytes else {
            notes.error(Spot(line: 1, column: 1), "the file is larger than 256 KiB")
            return nil
        }
        guard !hasForbiddenConstruct() else { return nil }
        // A repeated key stops the library: it is noted, given another name, and the rest is read.
        for _ in 0..<20 {
            do {
                // `.basic` resolves no tags, so that no regular expression is compiled.
                guard let node = try compose(yaml: text, .basic, .default, .utf8) else { break }
                return node
            } catch let YamlError.duplicatedKeysInMapping(duplicates, context) {
                guard rename(duplicates, at: context.mark) else { return nil }
            } catch {
                notes.error(spot(of: error), "this is not YAML: \(words(for: error))", yamlHint)
                return nil
            }
        }
        if !notes.hasErrors {
            notes.error(Spot(line: 1, column: 1), "the file is empty", "see docs/connectors.md")
        }
        return nil
    }

    private var yamlHint: String {
        "text with ': ', ' #', or one of {[*&!|>%@` in front is written in quotes"
    }

    private func spot(of error: any Error) -> Spot {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _)?, .parser(_, _, let mark, _)?, .composer(_, _, let mark, _)?:
            Spot(line: mark.line, column: mark.column)
        default: Spot(line: 1, column: 1)
        }
    }

    private func words(for error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, _, _)?, .parser(_, let problem, _, _)?,
            .composer(_, let problem, _, _)?,
            .reader(let problem, _, _, _)?:
            problem
        default: "it cannot be read"
        }
    }

    /// Conservative: looks at bytes, not at tokens, so that it cannot be led astray by quotes or comments.
    private func hasForbiddenConstruct() -> Bool {
        var spot = Spot(line: 1, column: 0)
        var previous = UInt8(ascii: "\n")
        var found = false
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            // Continuation bytes of UTF-8 belong to the column of their first byte.
            if byte & 0xC0 != 0x80 { spot.column += 1 }
            let beginsToken = previous.isASCIISpace || previous >= 0x80 || "[{,:?".utf8.contains(previous)
            if byte == UInt8(ascii: "&"), beginsToken, index + 1 < bytes.count {
                let next = bytes[index + 1]
                if next.isASCIIAlphanumeric || next == UInt8(ascii: "_") || next == UInt8(ascii: "-") {
                    notes.error(
                        spot, "anchors and aliases are not part of this format",
                        "write the value out; in a text, put a space after '&'")
                    found = true
                }
            } else if byte == UInt8(ascii: "?"), beginsToken {
                notes.error(
                    spot, "a '?' that stands alone begins a complex key, which this format has not",
                    "join it to the word before")
                found = true
            }
            if byte == UInt8(ascii: "\n") { spot = Spot(line: spot.line + 1, column: 0) }
            previous = byte
        }
        return found
    }
}
