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
}
