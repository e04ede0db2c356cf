/// The text of a connector file, turned into nodes within bounds.
struct Source {
    static let maximumBytes = 256 * 1024

    let text: String
    let notes: Notes

    init(_ text: String, notes: Notes) {
        self.text = text
        self.notes = notes
    }

    /// The root, or nil after the reason is noted.
    func root() -> Node? {
        guard text.utf8.count <= Source.maximumBytes else {
            notes.error(Spot(line: 1, column: 1), "the file is larger than 256 KiB")
            return nil
        }
        guard !hasDirective() else { return nil }
        do {
            if let root = try Composer(events: EventReader(text), notes: notes).root() {
                return root
            }
            if !notes.hasErrors {
                notes.error(Spot(line: 1, column: 1), "the file is empty", "see docs/connectors.md")
            }
        } catch {
            notes.error(error.spot, error.message, error.hint)
        }
        return nil
    }

    /// Directives say nothing that this format has, and libyaml takes long for many: they are not let in.
    private func hasDirective() -> Bool {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return false }
        var line = 1
        var isAtStart = true
        for byte in text.utf8 {
            if isAtStart, byte == UInt8(ascii: "%") {
                notes.error(
                    Spot(line: line, column: 1), "a directive ('%…') is not part of this format",
                    "remove the line")
                return true
            }
            isAtStart = byte == UInt8(ascii: "\n")
            if isAtStart { line += 1 }
        }
        return false
    }
}
