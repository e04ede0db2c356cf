/// A node of a connector file: a scalar, a list or a mapping, with its position.
indirect enum Node {
    case scalar(Scalar)
    case sequence([Node], at: SourcePosition)
    /// The entries in the order of the file, each key once.
    case mapping([Entry], at: SourcePosition)

    struct Entry {
        let key: Scalar
        let value: Node
    }

    struct Scalar {
        let string: String
        let style: Style
        let position: SourcePosition
    }

    /// How a scalar is written. Only in a plain or quoted one can a position inside the text be computed.
    enum Style { case plain, quoted, block }

    var position: SourcePosition {
        switch self {
        case .scalar(let scalar): scalar.position
        case .sequence(_, let position), .mapping(_, let position): position
        }
    }

    /// The items of a list; any other node is its only item.
    var items: [Node] { if case .sequence(let items, _) = self { items } else { [self] } }

    /// The text of a scalar; nil if it is empty, and for any other node.
    var text: String? {
        guard case .scalar(let scalar) = self, !scalar.string.isEmpty else { return nil }
        return scalar.string
    }

    /// The value of a key of a mapping.
    subscript(key: String) -> Node? {
        guard case .mapping(let entries, _) = self else { return nil }
        return entries.first { $0.key.string == key }?.value
    }
}
