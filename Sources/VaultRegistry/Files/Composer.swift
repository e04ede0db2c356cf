/// Makes nodes of events, within bounds, and notes what this format has not: anchors, aliases,
/// keys that are no plain words, and keys given twice.
struct Composer {
    /// Deeper than any connector; it bounds the stack.
    static let deepest = 100
    /// More than any part of a connector; they are compared with each other.
    static let mostKeys = 1000

    let events: EventReader
    let notes: Notes

    /// The one document of the text; nil when there is none.
    func root() throws(UnreadableYAML) -> Node? {
        var root: Node?
        while true {
            switch try events.next() {
            case .endOfText: return root
            case .beginDocument(let spot):
                guard root == nil else {
                    throw UnreadableYAML(
                        spot: spot, message: "another document begins here", hint: "one file is one connector"
                    )
                }
                root = try node(try events.next(), depth: 0)
            default: break
            }
        }
    }

    /// What begins with an event; nil for the end of what it is in.
    private func node(_ event: Event, depth: Int) throws(UnreadableYAML) -> Node? {
        switch event {
        case .scalar(let scalar): return .scalar(scalar)
        case .beginSequence(let spot): return .sequence(try items(at: spot, depth), at: spot)
        case .beginMapping(let spot): return .mapping(try entries(at: spot, depth), at: spot)
        case .anchored(let spot):
            throw UnreadableYAML(
                spot: spot, message: "anchors and aliases are not part of this format",
                hint: "write the value out; a text that begins with '&' or '*' is written in quotes")
        default: return nil
        }
    }

    private func items(at spot: Spot, _ depth: Int) throws(UnreadableYAML) -> [Node] {
        try bound(depth, spot)
        var items: [Node] = []
        while let item = try node(try events.next(), depth: depth + 1) { items.append(item) }
        return items
    }

    private func entries(at spot: Spot, _ depth: Int) throws(UnreadableYAML) -> [Node.Entry] {
        try bound(depth, spot)
        var entries: [Node.Entry] = []
        while let key = try node(try events.next(), depth: depth + 1) {
            guard let value = try node(try events.next(), depth: depth + 1) else { break }
            guard case .scalar(let name) = key else {
                notes.error(key.spot, "a key is a plain word")
                continue
            }
            if let first = entries.first(where: { $0.key.string == name.string })?.key.spot.line {
                notes.error(
                    name.spot, "the key '\(shown(name.string))' is there twice",
                    "the first is on line \(first); keep one")
                continue
            }
            guard entries.count < Self.mostKeys else {
                notes.error(name.spot, "more than \(Self.mostKeys) keys stand together here")
                continue
            }
            entries.append(Node.Entry(key: name, value: value))
        }
        return entries
    }

    private func bound(_ depth: Int, _ spot: Spot) throws(UnreadableYAML) {
        guard depth < Self.deepest else {
            throw UnreadableYAML(spot: spot, message: "this is nested deeper than \(Self.deepest) levels")
        }
    }
}
