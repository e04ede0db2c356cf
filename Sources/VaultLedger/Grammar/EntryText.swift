/// An entry's text, with the places of its parts.
///
/// It holds for the form of the text only: whether a day or a member exists is decided by whoever reads the parts.
struct EntryText {
    let form: Form
    let actorID: Range<Int>
    let actorName: Range<Int>
    let kind: Entry.Object.Kind
    /// The id of a connection or client.
    let owner: IdentifierKey?
    let operation: IdentifierKey
    let state: Range<Int>?
    /// The secrets of the state.
    let versions: [SealedVersion]
    let seq: UInt64
    let time: Range<Int>

    /// An action, and what its entries look like.
    struct Form: Sendable {
        let action: Action
        fileprivate let word: [UInt8]
        fileprivate let change: Rule
        fileprivate let object: Rule
    }

    /// Nil for what is no entry in canonical text.
    init?(_ bytes: [UInt8]) {
        var scan = TextScan(bytes)
        guard scan.take(Key.action), let word = scan.word(),
            let form = Self.forms.first(where: { scan.isText(word, $0.word) }),
            scan.take(Key.actor), let actorID = scan.hex(32), scan.take(Key.name)
        else { return nil }
        let name = scan.place + 1
        guard Rule.memberName.accepts(&scan) else { return nil }
        actorName = name..<scan.place - 1
        guard scan.take(Key.change), form.change.accepts(&scan), scan.take(Key.object),
            form.object.accepts(&scan), let kind = scan.kind, scan.take(Key.operation), let id = scan.hex(32),
            let operation = IdentifierKey(hex: bytes[id]), scan.take(0x22)
        else { return nil }
        self.operation = operation
        state = scan.state
        versions = scan.versions
        owner = kind.isOwner ? scan.id.flatMap { IdentifierKey(hex: bytes[$0]) } : nil
        if scan.take(Key.reason) {
            guard scan.string() != nil else { return nil }
        }
        guard scan.take(Key.seq), let seq = scan.count(), scan.take(Key.time), let time = scan.skip(20),
            scan.take(Key.host), scan.string() != nil, scan.take(Key.program), scan.string() != nil,
            scan.take(Key.user), scan.string() != nil, scan.take(Key.end), scan.isAtEnd,
            scan.isASCII || String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        (self.form, self.actorID, self.kind, self.seq, self.time) = (form, actorID, kind, seq, time)
    }

    private static let forms = Action.allCases.map {
        Form(action: $0, word: Array($0.rawValue.utf8), change: $0.changeRule, object: $0.objectRule)
    }

    /// The text between the values of an entry, in its one order.
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
