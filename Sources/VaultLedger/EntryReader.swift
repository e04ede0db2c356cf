import VaultCrypto

/// What verifying needs of an entry.
///
/// Most entries of a ledger are uses and changes of connections, which move nothing that replay keeps: for them a few
/// facts are enough, and `entry` is nil.
public struct EntryFacts: Sendable, Equatable {
    public let seq: UInt64
    public let time: Timestamp
    public let actor: Entry.Actor
    public let action: Action
    public let kind: Entry.Object.Kind
    /// Where in the entry's bytes the state stands that it tells; nil for one that tells none.
    public let state: Range<Int>?
    var hasState: Bool { state != nil || entry?.change.state != nil }
    /// The whole entry, where replay needs it.
    let entry: Entry?

    init(_ entry: Entry) {
        (seq, time, actor, action) = (entry.seq, entry.time, entry.actor, entry.action)
        (kind, state) = (entry.object.kind, nil)
        self.entry = entry
    }

    fileprivate init(
        seq: UInt64, time: Timestamp, actor: Entry.Actor, action: Action, kind: Entry.Object.Kind,
        state: Range<Int>?
    ) {
        (self.seq, self.time, self.actor, self.action) = (seq, time, actor, action)
        (self.kind, self.state) = (kind, state)
        entry = nil
    }
}

/// Reads entries in their one canonical text, without making values of what nobody asks for.
///
/// The scan takes no text that `Entry(bytes:)` would not: it accepts a part of them, by the same rules, and hands the
/// rest over. So `Entry` stays the one definition of an entry, and a test holds the two against each other.
public struct EntryReader: Sendable {
    /// Most entries have the author and the second of the one before them.
    private var lastActor: (id: [UInt8], name: [UInt8], actor: Entry.Actor)?
    private var lastTime: (text: [UInt8], time: Timestamp)?

    public init() {}

    /// Nil for what is no entry.
    public mutating func read(_ bytes: [UInt8]) -> EntryFacts? {
        scan(bytes) ?? Entry(bytes: bytes).map(EntryFacts.init)
    }

    /// The facts of an entry that moves nothing in replay; nil for what is none, or is not decided here.
    public mutating func scan(_ bytes: [UInt8]) -> EntryFacts? {
        var scan = TextScan(bytes)
        guard scan.take(Key.action), let word = scan.word(), let action = Self.plain(bytes[word]),
            scan.take(Key.actor), let id = scan.hex(32), scan.take(Key.name), let name = scan.string(),
            scan.take(Key.change), let change = scan.change(), scan.take(Key.object)
        else { return nil }
        if scan.take(Key.id) {
            guard scan.hex(32) != nil, scan.take(Key.next) else { return nil }
        }
        guard scan.take(Key.kind), let kindWord = scan.word(), let kind = Self.kind(bytes[kindWord]),
            scan.take(Key.objectName), scan.string() != nil, scan.take(Key.operation), scan.hex(32) != nil,
            scan.take(Key.quote)
        else { return nil }
        if scan.take(Key.reason) {
            guard scan.string() != nil else { return nil }
        }
        guard scan.take(Key.seq), let seq = scan.count(), scan.take(Key.time), let time = scan.skip(20),
            scan.take(Key.host), scan.string() != nil, scan.take(Key.program), scan.string() != nil,
            scan.take(Key.user), scan.string() != nil, scan.take(Key.end), scan.isAtEnd,
            scan.isASCII || String(validating: bytes, as: UTF8.self) != nil,
            let time = moment(bytes[time]), let actor = actor(bytes[id], bytes[name])
        else { return nil }
        return EntryFacts(
            seq: seq, time: time, actor: actor, action: action, kind: kind, state: change.state)
    }

    private mutating func moment(_ text: ArraySlice<UInt8>) -> Timestamp? {
        if let last = lastTime, text.elementsEqual(last.text) { return last.time }
        guard let time = Timestamp(text: String(decoding: text, as: UTF8.self)) else { return nil }
        lastTime = (Array(text), time)
        return time
    }

    private mutating func actor(_ id: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Entry.Actor? {
        if let last = lastActor, id.elementsEqual(last.id), name.elementsEqual(last.name) {
            return last.actor
        }
        // Escapes are for `Entry` to undo.
        guard !name.contains(UInt8(ascii: "\\")),
            let identifier = Identifier(hex: String(decoding: id, as: UTF8.self))
        else { return nil }
        let actor = Entry.Actor(id: identifier, name: String(decoding: name, as: UTF8.self))
        lastActor = (Array(id), Array(name), actor)
        return actor
    }

    private static func plain(_ word: ArraySlice<UInt8>) -> Action? {
        plainActions.first { word.elementsEqual($0.word) }?.action
    }

    private static func kind(_ word: ArraySlice<UInt8>) -> Entry.Object.Kind? {
        kinds.first { word.elementsEqual($0.word) }?.kind
    }

    private static let plainActions = Action.allCases.filter { !$0.movesState }.map {
        (word: Array($0.rawValue.utf8), action: $0)
    }
    private static let kinds = Entry.Object.Kind.allCases.map { (word: Array($0.rawValue.utf8), kind: $0) }

    /// The text between the values of an entry, in its one order.
    private enum Key {
        static let action = Array(#"{"action":"#.utf8)
        static let actor = Array(#","actor":{"id":""#.utf8)
        static let name = Array(#"","name":"#.utf8)
        static let change = Array(#"},"change":"#.utf8)
        static let object = Array(#","object":{"#.utf8)
        static let id = Array(#""id":""#.utf8)
        static let next = Array(#"","#.utf8)
        static let kind = Array(#""kind":"#.utf8)
        static let objectName = Array(#","name":"#.utf8)
        static let operation = Array(#"},"operation":""#.utf8)
        static let quote = Array(#"""#.utf8)
        static let reason = Array(#","reason":"#.utf8)
        static let seq = Array(#","seq":"#.utf8)
        static let time = Array(#","time":""#.utf8)
        static let host = Array(#"","via":{"host":"#.utf8)
        static let program = Array(#","program":"#.utf8)
        static let user = Array(#","user":"#.utf8)
        static let end = Array("}}".utf8)
    }
}
