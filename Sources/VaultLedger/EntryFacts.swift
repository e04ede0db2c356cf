import VaultCrypto

/// The parts of an entry that verification needs, read from its canonical text.
///
/// Most entries record uses and changes of connections. Replay follows these without decoding the whole entry, which
/// would dominate the time that a long ledger takes to verify.
public struct EntryFacts: Sendable, Equatable {
    /// The number of the entry, from 0.
    public let seq: UInt64
    /// The time by the clock of the author's machine.
    public let time: Timestamp
    /// The member who made the change.
    public let actor: Entry.Actor
    /// What was done.
    public let action: Action
    /// The kind of the object that it was done to.
    public let kind: Entry.Object.Kind
    /// The operation that the entry belongs to.
    public let operation: IdentifierKey
    /// The ID of the connection or client; `nil` for an object of another kind.
    public let owner: IdentifierKey?
    /// The secret versions of the state.
    public let versions: [SealedVersion]
    /// The canonical text of the entry.
    let bytes: [UInt8]

    /// Reads an entry by the grammar in docs/format.md, section 7.
    ///
    /// `Entry.init(bytes:)` accepts the same bytes.
    ///
    /// - Parameter bytes: The bytes that were hashed.
    /// - Returns: `nil` unless the bytes are an entry in canonical form.
    public init?(bytes: [UInt8]) {
        var scanner = CanonicalScanner(bytes)
        guard scanner.take(Key.action), let word = scanner.word(),
            let form = Form.all.first(where: { scanner.isText(word, $0.word) }),
            scanner.take(Key.actor), let actorID = scanner.hex(2 * Identifier.size),
            let actor = Identifier(bytes: scanner.decodeHex(actorID)), scanner.take(Key.name)
        else { return nil }
        let name = scanner.position + 1
        guard Rule.memberName.accepts(&scanner) else { return nil }
        let actorName = String(decoding: bytes[name..<scanner.position - 1], as: UTF8.self)
        guard scanner.take(Key.change), form.change.accepts(&scanner), scanner.take(Key.object),
            form.object.accepts(&scanner), let kind = scanner.objectKind, scanner.take(Key.operation),
            let operationID = scanner.hex(2 * Identifier.size),
            let operation = IdentifierKey(hex: bytes[operationID]), scanner.take(0x22)
        else { return nil }
        if scanner.take(Key.reason) {
            guard scanner.string() != nil else { return nil }
        }
        guard scanner.take(Key.seq), let seq = scanner.number(), scanner.take(Key.time),
            let timeText = scanner.skip(20), let time = Timestamp(utf8: bytes[timeText]),
            scanner.take(Key.host), scanner.string() != nil, scanner.take(Key.program),
            scanner.string() != nil, scanner.take(Key.user), scanner.string() != nil, scanner.take(Key.end),
            scanner.isAtEnd, scanner.isASCII || String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        (self.seq, self.time, self.kind, self.operation) = (seq, time, kind, operation)
        self.actor = Entry.Actor(id: actor, name: actorName)
        action = form.action
        owner = kind.isOwner ? scanner.objectID.flatMap { IdentifierKey(hex: bytes[$0]) } : nil
        versions = scanner.versions
        self.bytes = bytes
    }

    /// The SHA-256 of the digest list that the entry signs; `nil` for an entry without one.
    public var list: [UInt8]? {
        action.hasList ? Entry(self)?.change.details["list"]?.bytes(32) : nil
    }

    /// The rules for the entries of one action.
    private struct Form {
        let action: Action
        let word: [UInt8]
        let change: Rule
        let object: Rule

        static let all = Action.allCases.map {
            Form(action: $0, word: Array($0.rawValue.utf8), change: $0.changeRule, object: $0.objectRule)
        }
    }

    /// The text between the values of an entry.
    private enum Key {
        static let action = Array(#"{"action":"#.utf8)
        static let actor = Array(#","actor":{"id":""#.utf8)
        static let name = Array(#"","name":"#.utf8)
        static let change = Array(#"},"change":"#.utf8)
        static let object = Array(#","object":"#.utf8)
        static let operation = Array(#","operation":""#.utf8)
        static let reason = Array(#","reason":"#.utf8)
        static let seq = Array(#","seq":"#.utf8)
        static let time = Array(#","time":""#.utf8)
        static let host = Array(#"","via":{"host":"#.utf8)
        static let program = Array(#","program":"#.utf8)
        static let user = Array(#","user":"#.utf8)
        static let end = Array("}}".utf8)
    }
}
