import VaultMemory

/// A key of the values that every `exec` with an agent sends.
///
/// The keys that the compiler makes are a type for each value, and the coding of each looks some eight conformances up,
/// 30 µs each: together that was a third of such an `exec`. Values that travel less often have their own keys.
public struct WireKey: CodingKey, ExpressibleByStringLiteral, Sendable {
    public let stringValue: String
    public var intValue: Int? { nil }

    public init(stringLiteral value: String) { stringValue = value }
    public init(stringValue: String) { self.stringValue = stringValue }
    public init?(intValue: Int) { nil }
}

extension OpenVariables {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: WireKey.self)
        self.init(
            of: try values.decode([String].self, forKey: "names"),
            only: Set(try values.decode([String].self, forKey: "only")),
            program: try values.decode(String.self, forKey: "program"))
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: WireKey.self)
        try values.encode(names, forKey: "names")
        try values.encode(only, forKey: "only")
        try values.encode(program, forKey: "program")
    }
}

extension ChildVariable: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: WireKey.self)
        self.init(
            name: try values.decode(String.self, forKey: "name"),
            pieces: try values.decode([Piece].self, forKey: "pieces"),
            isFile: try values.decode(Bool.self, forKey: "isFile"),
            connection: try values.decode(String.self, forKey: "connection"))
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: WireKey.self)
        try values.encode(name, forKey: "name")
        try values.encode(pieces, forKey: "pieces")
        try values.encode(isFile, forKey: "isFile")
        try values.encode(connection, forKey: "connection")
    }
}

/// `{"text":…}`, `{"secret":…}` or `{"token":…}`.
extension ChildVariable.Piece: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: WireKey.self)
        if values.contains("text") {
            self = .text(try values.decode(String.self, forKey: "text"))
        } else if values.contains("token") {
            self = .token(connection: try values.decode(String.self, forKey: "token"))
        } else {
            self = .secret(try values.decode(SharedSecret.self, forKey: "secret"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: WireKey.self)
        switch self {
        case .text(let text): try values.encode(text, forKey: "text")
        case .secret(let secret): try values.encode(secret, forKey: "secret")
        case .token(let connection): try values.encode(connection, forKey: "token")
        }
    }
}
