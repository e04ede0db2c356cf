import Yams

/// The text of a connector file, turned into YAML nodes within bounds.
///
/// Refused before the YAML library sees it: more than 256 KiB, and the two constructs by which a small file makes
/// much work, anchors (`&x`, which aliases multiply) and complex keys (`? `). Nesting is bounded by libYAML (1000).
struct Source {
    static let maximumBytes = 256 * 1024

    private var text: String
    private let notes: Notes

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
                guard rename(duplicates, from: context.mark) else { return nil }
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

    /// Notes every repetition of these keys in the mapping that begins at or before `mark`, and renames them.
    ///
    /// The new name begins with a private-use character, which `Section` passes over.
    private mutating func rename(_ keys: [String], from mark: Mark) -> Bool {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            Array($0.unicodeScalars)
        }
        var renamed = false
        for key in keys {
            let name = Array(key.unicodeScalars)
            for line in mark.line - 1..<lines.count {
                let isFirst = line == mark.line - 1
                let start = mark.column - 1
                let indent = lines[line].firstIndex { $0 != " " } ?? Int.max
                if !isFirst, indent < start { break }
                guard !isFirst, lines[line].dropFirst(start).starts(with: name + [":"]), indent == start
                else {
                    continue
                }
                notes.error(
                    Spot(line: line + 1, column: mark.column), "the key '\(key)' is there twice",
                    "the first is on line \(mark.line); keep one")
                lines[line][start] = repetitionMark
                if name.count > 1, let serial = Unicode.Scalar(0xE100 + UInt32(line % 0x1000)) {
                    lines[line][start + 1] = serial
                }
                renamed = true
            }
        }
        if !renamed {
            notes.error(
                Spot(line: mark.line, column: mark.column), "the key '\(keys.first ?? "")' is there twice",
                "keep one")
            return false
        }
        text = lines.map { line in
            var scalars = String.UnicodeScalarView()
            scalars.append(contentsOf: line)
            return String(scalars)
        }.joined(separator: "\n")
        return true
    }
}

/// How a repeated key begins once its repetition is noted.
let repetitionMark: Unicode.Scalar = "\u{E000}"
