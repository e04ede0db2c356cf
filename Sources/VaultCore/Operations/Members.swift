public import VaultMemory

// How the values are coded that every `exec` with an agent sends: member by member, by the coder itself. A container with
// keys is a type for each kind of key, and whether that is one is looked up among all conformances of the program, 0.1 ms
// each time. Values that travel less often have keys and containers as the compiler makes them.
//
// Classes and no protocols: whether a coder is of a class is seen in it.

/// A coder that puts members into an object by their names.
open class MemberEncoder: SecretCoder {
    /// The encoder, if it is one; a value of this kind has no other form.
    public static func of(_ encoder: any Encoder) throws -> MemberEncoder {
        guard let members = encoder as? MemberEncoder else {
            throw EncodingError.invalidValue(
                encoder, .init(codingPath: [], debugDescription: "this is only sent to an agent"))
        }
        members.beginObject()
        return members
    }

    open func beginObject() { fatalError("an encoder without objects") }
    open func encode<T: Encodable>(_ value: T, _ name: String) throws {
        fatalError("an encoder without objects")
    }
}

/// A coder that takes members out of an object by their names.
open class MemberDecoder: SecretCoder {
    /// The decoder, if it is one and stands at an object.
    public static func of(_ decoder: any Decoder) throws -> MemberDecoder {
        guard let members = decoder as? MemberDecoder, members.isAtObject else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no object"))
        }
        return members
    }

    open var isAtObject: Bool { false }
    /// Whether there is such a member, and it is not null.
    open func has(_ name: String) -> Bool { false }
    open func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
        fatalError("a decoder without objects")
    }
}

extension OpenVariables {
    public init(from decoder: any Decoder) throws {
        let members = try MemberDecoder.of(decoder)
        self.init(
            of: try members.decode([String].self, "names"),
            only: Set(try members.decode([String].self, "only")),
            program: try members.decode(String.self, "program"))
    }

    public func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        try members.encode(names, "names")
        try members.encode(only, "only")
        try members.encode(program, "program")
    }
}

extension ChildVariable: Codable {
    public init(from decoder: any Decoder) throws {
        let members = try MemberDecoder.of(decoder)
        self.init(
            name: try members.decode(String.self, "name"),
            pieces: try members.decode([Piece].self, "pieces"),
            isFile: try members.decode(Bool.self, "isFile"),
            connection: try members.decode(String.self, "connection"))
    }

    public func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        try members.encode(name, "name")
        try members.encode(pieces, "pieces")
        try members.encode(isFile, "isFile")
        try members.encode(connection, "connection")
    }
}

/// `{"text":…}`, `{"secret":…}` or `{"token":…}`.
extension ChildVariable.Piece: Codable {
    public init(from decoder: any Decoder) throws {
        let members = try MemberDecoder.of(decoder)
        if members.has("text") {
            self = .text(try members.decode(String.self, "text"))
        } else if members.has("token") {
            self = .token(connection: try members.decode(String.self, "token"))
        } else {
            self = .secret(try members.decode(SharedSecret.self, "secret"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        switch self {
        case .text(let text): try members.encode(text, "text")
        case .secret(let secret): try members.encode(secret, "secret")
        case .token(let connection): try members.encode(connection, "token")
        }
    }
}
