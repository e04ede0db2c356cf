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
                // `.basic` resolves no tags, so that no regular expression is compiled; nothing is constructed.
                guard let node = try compose(yaml: text, .basic, Constructor([:], [:], [:]), .utf8) else {
                    break
                }
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
        let bytes = Array(text.utf8)
        var line = 1
        var lineStart = 0
        var found = 0
        // More than can be noted are not looked for.
        for (index, byte) in bytes.enumerated() where found < Notes.maximum {
            if byte == UInt8(ascii: "\n") {
                line += 1
                lineStart = index + 1
            }
            guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "?") else { continue }
            guard Source.canBeginToken(bytes, index) else { continue }
            found += 1
            // Continuation bytes of UTF-8 belong to the column of their first byte.
            let column = bytes[lineStart...index].count { $0 & 0xC0 != 0x80 }
            let spot = Spot(line: line, column: column)
            if byte == UInt8(ascii: "&") {
                notes.error(
                    spot, "anchors and aliases are not part of this format",
                    "write the value out; in a text, put a space after '&'")
            } else {
                notes.error(
                    spot, "a '?' that stands alone begins a complex key, which this format has not",
                    "join it to the word before")
            }
        }
        return found > 0
    }

    /// Whether a YAML reader could take the `&` or `?` at this place for the beginning of a token.
    private static func canBeginToken(_ bytes: [UInt8], _ index: Int) -> Bool {
        if index > 0 {
            let previous = bytes[index - 1]
            let begins = previous.isASCIISpace || previous >= 0x80 || "[{,:?".utf8.contains(previous)
            guard begins else { return false }
        }
        guard bytes[index] == UInt8(ascii: "&") else { return true }
        guard index + 1 < bytes.count else { return false }
        let next = bytes[index + 1]
        return next.isASCIIAlphanumeric || next == UInt8(ascii: "_") || next == UInt8(ascii: "-")
    }
}
