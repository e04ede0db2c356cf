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
    public let operation: IdentifierKey
    /// Where in the entry's bytes the state stands; nil for an entry without one.
    public let state: Range<Int>?
    var hasState: Bool { state != nil }
    /// The connection or client that it is about; nil for one about something else.
    public let owner: IdentifierKey?
    /// The secrets of the state that it tells.
    public let versions: [SealedVersion]
    /// The SHA-256 of the digest list that it signs; nil for one that signs none.
    public var list: [UInt8]? { action.hasList ? entry?.change.details["list"]?.bytes(32) : nil }
    /// The whole entry, where replay needs it.
    let entry: Entry?
}

/// Reads entries in their one canonical text.
///
/// `Grammar` has the one definition of an entry; this steps over a text by it and makes values only of what verifying
/// asks for. `Entry(bytes:)` takes what this takes, and nothing else.
public struct EntryReader: Sendable {
    /// Most entries have the author and the second of the one before them.
    private var lastActor: (id: [UInt8], name: [UInt8], actor: Entry.Actor)?
    private var lastTime: (text: [UInt8], time: Timestamp)?

    public init() {}

    /// The facts of an entry; nil for what is none.
    public mutating func read(_ bytes: [UInt8]) -> EntryFacts? {
        guard let text = EntryText(bytes) else { return nil }
        guard let time = moment(bytes[text.time]),
            let actor = actor(bytes[text.actorID], bytes[text.actorName])
        else { return nil }
        var entry: Entry?
        if text.form.action.movesState {
            entry = Entry(checked: bytes)
            guard entry != nil else { return nil }
        }
        return EntryFacts(
            seq: text.seq, time: time, actor: actor, action: text.form.action, kind: text.kind,
            operation: text.operation, state: text.state, owner: text.owner, versions: text.versions,
            entry: entry)
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
        guard let identifier = Identifier(hex: String(decoding: id, as: UTF8.self)) else { return nil }
        let actor = Entry.Actor(id: identifier, name: String(decoding: name, as: UTF8.self))
        lastActor = (Array(id), Array(name), actor)
        return actor
    }
}
