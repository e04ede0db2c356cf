import VaultCrypto
import VaultText

/// One change, or one use, as the ledger keeps it: a JSON object whose exact UTF-8 bytes are hashed.
///
/// The texts in it are the user's own (names, settings, reasons); no secret, nor its length or hash, has a place.
/// `docs/format.md` describes every field.
public struct Entry: Sendable, Equatable {
    public var seq: UInt64
    public var time: Timestamp
    public var actor: Actor
    public var via: Via
    public var action: Action
    public var object: Object
    public var change: Change
    public var reason: String?
    /// One random identifier for everything that one command did.
    public var operation: Identifier

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

    /// The member who did it.
    public struct Actor: Sendable, Equatable {
        public let id: Identifier
        public let name: String

        public init(id: Identifier, name: String) {
            self.id = id
            self.name = name
        }

        public static func == (a: Actor, b: Actor) -> Bool { a.id == b.id && a.name.hasSameBytes(as: b.name) }
    }

    /// The program, and the operating system's user and host, as far as they could be told.
    public struct Via: Sendable, Equatable {
        public let program: String
        public let user: String
        public let host: String

        public init(program: String, user: String, host: String) {
            self.program = program
            self.user = user
            self.host = host
        }
    }

    /// What it was done to. `id` is empty for what has no identifier of its own: an epoch, a connector.
    public struct Object: Sendable, Equatable {
        public let kind: Kind
        public let id: String
        public let name: String

        public enum Kind: String, Sendable, CaseIterable {
            case vault, member, key, connector, connection, client

            /// Whether secrets belong to it.
            var isOwner: Bool { self == .connection || self == .client }
        }

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

        public static func == (a: Object, b: Object) -> Bool {
            a.kind == b.kind && a.id.hasSameBytes(as: b.id) && a.name.hasSameBytes(as: b.name)
        }
    }
}

extension Entry {
    /// Writes the entry behind what the writer already holds; keys in byte order.
    public func write(to writer: inout JSONWriter) {
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

    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer)
        return writer.bytes
    }

    /// Reads an entry from the bytes that were hashed; nil unless `EntryReader` takes them too.
    public init?(bytes: [UInt8]) {
        var reader = EntryReader()
        guard reader.read(bytes) != nil else { return nil }
        self.init(checked: bytes)
    }

    /// Makes values of a text whose form `EntryText` has checked; nil unless it is what `write` makes of them.
    init?(checked bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), let entry = Entry(json), entry.bytes == bytes else {
            return nil
        }
        self = entry
    }

    private init?(_ json: JSON) {
        guard let seq = json["seq"]?.integer, seq >= 0,
            let time = json["time"]?.timestamp,
            let actorID = json["actor", "id"]?.identifier,
            let actorName = json["actor", "name"]?.string,
            let program = json["via", "program"]?.string,
            let user = json["via", "user"]?.string,
            let host = json["via", "host"]?.string,
            let action = json["action"]?.string.flatMap(Action.init(rawValue:)),
            let kind = json["object", "kind"]?.string.flatMap(Object.Kind.init(rawValue:)),
            let objectName = json["object", "name"]?.string,
            let change = json["change"].flatMap(Change.init),
            let operation = json["operation"]?.identifier
        else { return nil }
        let reason = json["reason"]
        if reason != nil, reason?.string == nil { return nil }
        self.init(
            seq: UInt64(seq), time: time, actor: Actor(id: actorID, name: actorName),
            via: Via(program: program, user: user, host: host), action: action,
            object: Object(kind: kind, id: json["object", "id"]?.string ?? "", name: objectName),
            change: change,
            reason: reason?.string, operation: operation)
    }
}
