/// A part of a connector file: a text, a list, or keys with values, and where it stands.
indirect enum Node {
    case scalar(Scalar)
    case sequence([Node], at: Spot)
    /// In the order of the file, each key once.
    case mapping([Entry], at: Spot)

    struct Entry {
        let key: Scalar
        let value: Node
    }

    struct Scalar {
        let string: String
        let style: Style
        let spot: Spot
    }

    /// How a text is written, which tells where its characters stand.
    enum Style { case plain, quoted, block }

    var spot: Spot {
        switch self {
        case .scalar(let scalar): scalar.spot
        case .sequence(_, let spot), .mapping(_, let spot): spot
        }
    }
}
