import VaultCrypto
import VaultText

/// An entry of the ledger: one change or one use, stored as a JSON object. The ledger hashes its exact UTF-8 bytes.
///
/// An entry never contains a secret, its length or a hash of it. See docs/format.md, section 7, for every field.
public struct Entry: Sendable, Equatable {
    /// The number of the entry, from 0.
    public var seq: UInt64
    /// The time by the clock of the author's machine. Only shown: entries are ordered by `seq`.
    public var time: Timestamp
    /// The member who made the change.
    public var actor: Actor
    /// The program that made the change, and where it ran.
    public var via: Via
    /// What was done.
    public var action: Action
    /// What it was done to.
    public var object: Object
    /// What changed.
    public var change: Change
    /// The reason that the user gave.
    public var reason: String?
    /// The ID that all entries of one transaction share.
    public var operation: Identifier

    /// Creates an entry.
    public init(
        seq: UInt64, time: Timestamp, actor: Actor, via: Via, action: Action, object: Object, change: Change,
        reason: String?, operation: Identifier
    ) {
        self.seq = seq
        self.time = time
        self.actor = actor
        self.via = via
        self.action = action
        self.object = object
        self.change = change
        self.reason = reason
        self.operation = operation
    }

    /// A member as the author of an entry.
    public struct Actor: Sendable, Equatable {
        /// The ID of the member.
        public let id: Identifier
        /// The name of the member.
        public let name: String

        /// Creates an author.
        public init(id: Identifier, name: String) {
            self.id = id
            self.name = name
        }

        /// Compares the names byte by byte.
        public static func == (a: Actor, b: Actor) -> Bool { a.id == b.id && a.name.hasSameBytes(as: b.name) }
    }

    /// The program that made a change, and where it ran.
    public struct Via: Sendable, Equatable {
        /// The program: `cli`, `agent` or `console`.
        public let program: String
        /// The user, as the operating system reports it.
        public let user: String
        /// The host, as the operating system reports it.
        public let host: String

        /// Creates an origin.
        public init(program: String, user: String, host: String) {
            self.program = program
            self.user = user
            self.host = host
        }
    }

    /// The object of an action.
    public struct Object: Sendable, Equatable {
        /// The kind of object.
        public let kind: Kind
        /// The ID in hexadecimal; empty for a vault, key or connector, which have none.
        public let id: String
        /// The name of the object.
        public let name: String

        /// A kind of object; the raw value is the entry's `kind`.
        public enum Kind: String, Sendable, CaseIterable {
            case vault, member, key, connector, connection, client

            /// Whether objects of this kind own secrets.
            var isOwner: Bool { self == .connection || self == .client }
        }

        /// Creates an object.
        public init(_ kind: Kind, id: Identifier? = nil, name: String) {
            self.kind = kind
            self.id = id?.hex ?? ""
            self.name = name
        }

        init(kind: Kind, id: String, name: String) {
            self.kind = kind
            self.id = id
            self.name = name
        }

        /// Compares the texts byte by byte.
        public static func == (a: Object, b: Object) -> Bool {
            a.kind == b.kind && a.id.hasSameBytes(as: b.id) && a.name.hasSameBytes(as: b.name)
        }
    }
}

extension Entry {
    /// Appends the canonical text of the entry.
    private func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("action", action.rawValue)
        writer.key("actor")
        writer.beginObject()
        writer.member("id", hex: actor.id.bytes)
        writer.member("name", actor.name)
        writer.endObject()
        writer.key("change")
        change.write(to: &writer)
        writer.key("object")
        writer.beginObject()
        if !object.id.isEmpty { writer.member("id", object.id) }
        writer.member("kind", object.kind.rawValue)
        writer.member("name", object.name)
        writer.endObject()
        writer.member("operation", hex: operation.bytes)
        if let reason { writer.member("reason", reason) }
        writer.key("seq")
        writer.integer(Int64(seq))
        writer.member("time", time.text)
        writer.key("via")
        writer.beginObject()
        writer.member("host", via.host)
        writer.member("program", via.program)
        writer.member("user", via.user)
        writer.endObject()
        writer.endObject()
    }

    /// The canonical text of the entry.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer)
        return writer.bytes
    }

    /// Reads an entry by the grammar in docs/format.md, section 7.
    ///
    /// - Parameter bytes: The bytes that were hashed.
    /// - Returns: `nil` unless the bytes are an entry in canonical form.
    public init?(bytes: [UInt8]) {
        guard let facts = EntryFacts(bytes: bytes) else { return nil }
        self.init(facts)
    }

    /// Decodes the whole entry. The grammar has accepted its text, so nothing is validated again.
    public init?(_ facts: EntryFacts) {
        guard let json = try? JSON.parse(facts.bytes), let name = json["object", "name"]?.string,
            let change = json["change"].flatMap(Change.init), let program = json["via", "program"]?.string,
            let user = json["via", "user"]?.string, let host = json["via", "host"]?.string
        else { return nil }
        self.init(
            seq: facts.seq, time: facts.time, actor: facts.actor,
            via: Via(program: program, user: user, host: host), action: facts.action,
            object: Object(kind: facts.kind, id: json["object", "id"]?.string ?? "", name: name),
            change: change, reason: json["reason"]?.string, operation: Identifier(facts.operation))
        assert(bytes == facts.bytes, "the grammar accepts an entry that is written differently")
    }
}

/// Encoded as its canonical JSON text.
extension Entry: Codable {
    /// Reads the entry from its canonical JSON text.
    ///
    /// - Throws: `DecodingError` if the text is not canonical.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let entry = Entry(bytes: Array(text.utf8)) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "not an entry"))
        }
        self = entry
    }

    /// Encodes the canonical JSON text.
    ///
    /// - Throws: An error of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: bytes, as: UTF8.self))
    }
}
