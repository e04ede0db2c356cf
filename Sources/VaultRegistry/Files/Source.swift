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
}
