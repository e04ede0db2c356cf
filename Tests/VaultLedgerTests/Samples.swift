import VaultCrypto

@testable import VaultLedger

/// Entries of every action, with the required details alone and with all optional ones.
enum Samples {
    static let hex16 = JSON.string(String(repeating: "0a", count: 16))
    static let hex32 = JSON.string(String(repeating: "0b", count: 32))
    static let time: JSON = "2026-11-23T21:05:00Z"

    static let state = OwnerState(
        settingsDigest: [UInt8](repeating: 2, count: 32), annotations: [UInt8](repeating: 3, count: 32),
        secrets: [
            .init(
                field: "api-key", version: 1, label: .previous,
                keepUntil: Timestamp(text: "2026-12-01T00:00:00Z"),
                rotateEvery: "never", testedAt: Timestamp(text: "2026-11-23T21:00:00Z")),
            .init(
                field: "api-key", version: 2, label: .current, epoch: 2,
                deposit: [UInt8](repeating: 4, count: 32)),
            .init(
                field: "app-key", version: 3, label: .pending, epoch: 2,
                sealed: [UInt8](repeating: 5, count: 32), rotateBy: Timestamp(text: "2027-01-01T00:00:00Z"),
                rotateEvery: "90d"),
        ])
    static let endState = OwnerState(settingsDigest: state.settingsDigest, annotations: nil, secrets: [])

    static func change(_ action: Action, whole: Bool) -> Change {
        var change = Change(details: JSON.Members(needed(action)))
        if whole { for (key, value) in optional(action) { change.details[key] = value } }
        if action.recordsState {
            change.state = isEnd(action) ? endState : whole ? state : EntryDraft.state
        }
        if whole { change.settings = settings(action) }
        return change
    }

    private static func isEnd(_ action: Action) -> Bool {
        [.removeConnection, .removeClient].contains(action)
    }

    private static func settings(_ action: Action) -> [Change.Setting] {
        switch action {
        case .createConnection, .createClient:
            [.init(key: "pool", old: nil, new: "b"), .init(key: "scopes", old: nil, new: ["a", "b"])]
        case .editConnection, .editClient:
            [
                .init(key: "domain", old: "a.example", new: nil), .init(key: "pool", old: nil, new: "b"),
                .init(key: "scopes", old: ["a", "b"], new: []),
            ]
        case .removeConnection, .removeClient: [.init(key: "pool", old: "b", new: nil)]
        default: []
        }
    }

    private static let member: JSON = [
        "id": hex16, "name": "eve", "receive_key": hex32, "sign_key": hex32,
    ]
    private static let destroyed: JSON = [["field": "app-key", "label": "pending", "version": 2]]
    private static let versions: (String, JSON) = ("versions", ["app-key": 3, "client-secret": 1])
    private static let label: (String, JSON) = ("label", "pending")

    /// The details that an action requires.
    static func needed(_ action: Action) -> [(String, JSON)] {
        switch action {
        case .createVault: [("format", 1), ("member", member)]
        case .addMember: [("member", member), ("role", "user")]
        case .changeRole: [("role", "writer")]
        case .addSlot: [("kind", "key-file"), ("slot", hex16)]
        case .removeSlot, .useRecovery: [("slot", hex16)]
        case .beginEpoch: [("commitment", hex32), ("deposit_key", hex32), ("epoch", 3)]
        case .retireEpoch: [("epoch", 2), ("secrets", 0)]
        case .resealSecrets: [("epoch", 3), ("list", hex32), ("secrets", 1)]
        case .coverSecrets: [("list", hex32), ("secrets", 0)]
        case .addConnector: [("digest", hex32), ("title", "")]
        case .createConnection, .createClient, .removeConnection, .removeClient: [("connector", "celonis")]
        case .setSecret, .verifySecret: [("field", "app-key")]
        case .sealDeposit, .rollBackSecret, .startRotation, .finishRotation, .abortRotation:
            [("fields", ["app-key"])]
        case .destroySecret: [("destroyed", destroyed)]
        case .testRotation: [("outcome", "failed"), ("tried", [["connection": "a"]])]
        case .execConnection: [("program", "true"), ("variables", [])]
        case .exportConnection: [("to", hex32)]
        case .testedConnection: [("result", "passed")]
        case .requestConnection: [("method", "GET"), ("path", "/a")]
        case .proxyConnection: [("failed", 0), ("refused", 1), ("requests", 2)]
        case .mintToken: [("connection", "a"), ("host", "a.example"), ("version", 1)]
        case .refused: [("what", "open"), ("why", "role")]
        case .removeMember, .removeConnector, .editConnection, .editClient, .annotateConnection, .allowUses,
            .testConnection, .tokenOfConnection, .acceptLedger:
            []
        }
    }

    /// The details that an action allows in addition.
    static func optional(_ action: Action) -> [(String, JSON)] {
        switch action {
        case .addSlot: [("temporary", true)]
        case .createConnection, .createClient:
            [
                ("expires", ["app-key": time]),
                ("from", ["exporter": "ana", "sign_key": hex32, "vault": hex32]), ("note", "x"),
                ("tags", ["a\"b": "c", "object": "x", "state": "\u{e9}"]),
            ]
        case .editConnection, .editClient:
            [
                ("destroyed", destroyed), ("expires", ["app-key": time]),
                ("name", ["new": "b", "old": "a"]),
            ]
        case .annotateConnection:
            [
                ("note", ["new": "", "old": "x"]),
                ("rotate_every", ["api-key": [:], "app-key": ["new": "12h"]]),
                ("tags", ["a": ["new": "b"], "c": ["old": "d"]]),
            ]
        case .setSecret: [("expires", time)]
        case .startRotation:
            [("destroyed", destroyed), ("expires", ["app-key": time]), ("program", "/bin/true")]
        case .finishRotation: [("destroyed", destroyed), ("untested", true)]
        case .destroySecret: [("why", "the overlap ended")]
        case .exportConnection: [("fields", ["app-key"])]
        case .allowUses:
            [("allow", ["exec", "token"]), ("paths", ["GET /**"]), ("rotate_with", "/bin/true")]
        case .testConnection, .tokenOfConnection, .requestConnection, .proxyConnection: [label, versions]
        case .testedConnection: [label, versions, ("status", 401), ("why", "refused")]
        default: []
        }
    }

    /// An object of a kind that the action applies to.
    static func object(_ action: Action, _ kind: Entry.Object.Kind) -> Entry.Object {
        let id = Identifier(bytes: [UInt8](repeating: 7, count: 16))!
        return switch kind {
        case .vault: Entry.Object(.vault, name: "vault")
        case .key: Entry.Object(.key, name: action == .retireEpoch ? "epoch 2" : "epoch 3")
        case .connector: Entry.Object(.connector, name: "own-2")
        case .member: Entry.Object(.member, id: id, name: "eve")
        case .connection, .client: Entry.Object(kind, id: id, name: "x \u{e9} \"y\"\n")
        }
    }

    static func entry(_ action: Action, _ kind: Entry.Object.Kind, whole: Bool) -> Entry {
        TestLedger().entry(
            TestLedger.ana, EntryDraft(action, object(action, kind), change(action, whole: whole)))
    }

    /// For every action and kind of object: an entry with the required details, and one with all details.
    static let entries: [Entry] = Action.allCases.flatMap { action in
        action.objects.flatMap { kind in
            [entry(action, kind, whole: false), entry(action, kind, whole: true)]
        }
    }
}
