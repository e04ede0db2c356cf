/// Composes nodes from events, within bounds.
///
/// It reports what YAML allows and this format does not: anchors, aliases, keys that are not scalars, and duplicate keys.
struct Composer {
    /// Deeper than any connector is nested; bounds the stack.
    static let maximumDepth = 100
    /// More keys than any mapping of a connector has; each is compared with the others.
    static let maximumKeys = 1000

    let events: EventReader
    let diagnostics: DiagnosticCollector

    /// Returns the only document of the text, or nil if there is none.
    ///
    /// - Throws: `UnreadableYAML` if the text is not YAML, has a second document or an anchor, or is nested too deep.
    func root() throws(UnreadableYAML) -> Node? {
        var root: Node?
        while true {
            switch try events.next() {
            case .endOfText: return root
            case .beginDocument(let position):
                guard root == nil else {
                    throw UnreadableYAML(
                        position, "a second document begins here", "put each connector in its own file")
                }
                root = try node(try events.next(), depth: 0)
            default: break
            }
        }
    }

    /// Returns the node that begins with an event, or nil if the event ends the enclosing node.
    private func node(_ event: Event, depth: Int) throws(UnreadableYAML) -> Node? {
        switch event {
        case .scalar(let scalar): return .scalar(scalar)
        case .beginSequence(let position): return .sequence(try items(at: position, depth), at: position)
        case .beginMapping(let position): return .mapping(try entries(at: position, depth), at: position)
        case .anchored(let position):
            throw UnreadableYAML(
                position, "anchors and aliases are not supported",
                "write the value out; put quotes around text that begins with '&' or '*'")
        default: return nil
        }
    }

    private func items(at position: SourcePosition, _ depth: Int) throws(UnreadableYAML) -> [Node] {
        try checkDepth(depth, position)
        var items: [Node] = []
        while let item = try node(try events.next(), depth: depth + 1) { items.append(item) }
        return items
    }

    private func entries(at position: SourcePosition, _ depth: Int) throws(UnreadableYAML) -> [Node.Entry] {
        try checkDepth(depth, position)
        var entries: [Node.Entry] = []
        while let key = try node(try events.next(), depth: depth + 1) {
            guard let value = try node(try events.next(), depth: depth + 1) else { break }
            guard case .scalar(let name) = key else {
                diagnostics.error(key.position, "a key must be a single word")
                continue
            }
            if let first = entries.first(where: { $0.key.string == name.string })?.key.position.line {
                diagnostics.error(
                    name.position, "duplicate key '\(shown(name.string))'", "the first is on line \(first)")
                continue
            }
            guard entries.count < Self.maximumKeys else {
                diagnostics.error(name.position, "a mapping can have at most \(Self.maximumKeys) keys")
                continue
            }
            entries.append(Node.Entry(key: name, value: value))
        }
        return entries
    }

    private func checkDepth(_ depth: Int, _ position: SourcePosition) throws(UnreadableYAML) {
        guard depth < Self.maximumDepth else {
            throw UnreadableYAML(position, "nested more than \(Self.maximumDepth) levels deep")
        }
    }
}
