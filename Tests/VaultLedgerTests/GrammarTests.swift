import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// The grammar of entries (docs/format.md, section 7), one value of one action at a time.
struct GrammarTests {
    private func isEntry(_ json: JSON) -> Bool { Entry(bytes: json.bytes) != nil }

    private func whole(_ action: Action, _ kind: Entry.Object.Kind? = nil) throws -> JSON {
        try JSON.parse(Samples.entry(action, kind ?? action.objects[0], whole: true).bytes)
    }

    @Test(
        "requires the required keys of each action, and no optional one", arguments: Action.allCases)
    func keys(action: Action) throws {
        let entry = try whole(action)
        let needed = Samples.needed(action).map(\.0) + (action.recordsState ? ["state"] : [])
        for pair in entry["change"]!.object!.pairs {
            let less = entry.replacing(["change", .key(pair.key)], with: nil)
            #expect(isEntry(less) == !needed.contains(pair.key), "\(action) without \(pair.key)")
        }
    }

    @Test(
        "rejects an unknown key in every object (case 103)", arguments: Action.allCases)
    func unknownKeys(action: Action) throws {
        for kind in action.objects {
            let entry = try whole(action, kind)
            #expect(isEntry(entry))
            for path in entry.paths where entry.at(path)?.object != nil {
                for key in ["", "0", "note", "zz"] where entry.at(path + [.key(key)]) == nil {
                    #expect(!isEntry(entry.replacing(path + [.key(key)], with: .null)), "\(path) \(key)")
                }
            }
        }
    }

    @Test("rejects a value of another type in every place (case 103)", arguments: Action.allCases)
    func otherKinds(action: Action) throws {
        for kind in action.objects {
            let entry = try whole(action, kind)
            for path in entry.paths {
                let found = entry.at(path)!
                for other in [JSON.null, -1, false, ["": .null], [[]]] where other != found {
                    #expect(!isEntry(entry.replacing(path, with: other)), "\(path): \(other.text)")
                }
            }
        }
    }

    @Test(
        "rejects upper-case hexadecimal and another length in every place (case 103)",
        arguments: Action.allCases)
    func hexadecimal(action: Action) throws {
        for kind in action.objects {
            let entry = try whole(action, kind)
            for path in entry.paths {
                guard let text = entry.at(path)?.string, text.utf8.count >= 32, Hex.decode(text) != nil else {
                    continue
                }
                let short = String(text.dropLast(2))
                for other in [text.uppercased(), short, text + "00", short + "0g", ""] where other != text {
                    #expect(!isEntry(entry.replacing(path, with: .string(other))), "\(path): \(other)")
                }
            }
        }
    }

    @Test("requires an object ID if and only if the kind of object has IDs (case 103)")
    func objectIDs() throws {
        for action in Action.allCases {
            for kind in Entry.Object.Kind.allCases {
                for hasID in [true, false] {
                    var object: JSON.Members = ["kind": .string(kind.rawValue)]
                    object["name"] = .string(Samples.object(action, kind).name)
                    object["id"] = hasID ? Samples.hex16 : nil
                    let isRight =
                        action == .refused
                        ? kind == .connection || kind == .vault && !hasID
                        : action.objects.contains(kind)
                            && hasID == [.member, .connection, .client].contains(kind)
                    let entry = try whole(action).replacing(["object"], with: .object(object))
                    #expect(isEntry(entry) == isRight, "\(action) on \(kind), \(hasID)")
                }
            }
        }
    }

    /// Replaces one value of an entry with valid and with invalid values.
    private func check(
        _ action: Action, _ path: [Step], accepts good: [JSON] = [], rejects bad: [JSON]
    ) throws {
        let entry = try whole(action)
        #expect(entry.at(path) != nil || path.last?.isNew == true)
        for value in good { #expect(isEntry(entry.replacing(path, with: value)), "\(value.text)") }
        for value in bad { #expect(!isEntry(entry.replacing(path, with: value)), "\(value.text)") }
    }

    @Test("accepts a period in days or hours, or never (case 103)")
    func periods() throws {
        try check(
            .editConnection, ["change", "state", "secrets", 2, "rotate_every"],
            accepts: ["1d", "36500d", "1h", "876000h", "never"],
            rejects: [
                "", "d", "0d", "01d", "-1d", "+1d", "1", "1.5d", "1w", "1m", "1y", "36501d", "876001h", "1d ",
                "1D",
                "Never", "often", "99999999999999999999d",
            ])
    }

    @Test("accepts the secrets of a state in order, each once, with one of each label (case 103)")
    func stateOrder() throws {
        func secret(_ field: String, _ version: Int64, _ label: String = "current") -> JSON {
            var members: JSON.Members = [
                "field": .string(field), "label": .string(label), "version": .integer(version),
            ]
            if label == "previous" { members["keep_until"] = Samples.time }
            return .object(members)
        }
        try check(
            .setSecret, ["change", "state", "secrets"],
            accepts: [
                [], [secret("a", 1)], [secret("a", 1), secret("b", 1)], [secret("a", 9), secret("a-b", 1)],
                [secret("a", 1, "previous"), secret("a", 2), secret("a", 3, "pending"), secret("b", 1)],
                [secret("a", 2), secret("a", 10, "pending")],
            ],
            rejects: [
                [secret("a", 1), secret("a", 1)], [secret("a", 1), secret("a", 1, "pending")],
                [secret("b", 1), secret("a", 1)], [secret("a", 2), secret("a", 1, "pending")],
                [secret("a", 1), secret("a", 2)],
                [secret("a", 1, "previous"), secret("a", 2), secret("a", 3, "previous")],
                [secret("a", 10), secret("a", 9, "pending")], [secret("", 1)], [secret("A", 1)],
                [secret("-a", 1)], [secret("a_b", 1)], [secret("\u{e9}", 1)],
                [secret(String(repeating: "a", count: 65), 1)], [secret("a", 0)], [secret("a", 1, "newest")],
            ])
        try check(.setSecret, ["change", "state", "secrets", 0, "keep_until"], rejects: [.null])
        // Only a previous version has an end.
        for (index, isPrevious) in [true, false, false].enumerated() {
            let path: [Step] = ["change", "state", "secrets", .index(index), "keep_until"]
            let entry = try whole(.editConnection)
            #expect(isEntry(entry.replacing(path, with: Samples.time)) == isPrevious)
            #expect(isEntry(entry.replacing(path, with: nil)) == !isPrevious)
        }
    }

    @Test("accepts settings with strings or arrays of strings as values (case 103)")
    func settings() throws {
        for key in ["new", "old"] {
            try check(
                .editConnection, ["change", "settings", "scopes", .key(key)],
                accepts: ["", "x", [], [""], ["a", "a"]],
                rejects: [1, true, .null, [:], [1], [["a"]], ["a", .null], ["a": "b"]])
        }
        try check(
            .editConnection, ["change", "settings"],
            rejects: [
                [:], [], ["pool": [:]], ["pool": "x"], ["": ["new": "x"]], ["Pool": ["new": "x"]],
                ["po ol": ["new": "x"]], ["\u{e9}": ["new": "x"]],
            ])
        // A new owner has no old values, and a removed one no new ones.
        try check(.createClient, ["change", "settings", "pool", "old"], rejects: ["x"])
        try check(.removeClient, ["change", "settings", "pool", "new"], rejects: ["x"])
        try check(.removeClient, ["change", "state", "secrets"], rejects: [["x"], [[:]]])
        try check(.removeConnection, ["change", "state", "tags_digest"], rejects: [Samples.hex32])
    }

    @Test("accepts the user's keys in the byte order of their unescaped text")
    func tagOrder() throws {
        // Escaped, `"aB"` sorts before `"a\""`; unescaped, it sorts after it.
        for (tags, isRight) in [
            ("{\"a\\\"\":\"x\",\"aB\":\"y\"}", true), ("{\"aB\":\"x\",\"a\\\"\":\"y\"}", false),
            ("{\"a\\u0001\":\"x\",\"a\\u0002\":\"y\"}", true), ("{\"a\\\\\":\"x\",\"a\\\\\":\"y\"}", false),
        ] {
            let text = try whole(.createConnection).replacing(["change", "tags"], with: "TAGS").text
            let bytes = Array(text.replacing("\"TAGS\"", with: tags).utf8)
            #expect((Entry(bytes: bytes) != nil) == isRight, "\(tags)")
        }
    }

    @Test("accepts only the known words, and lists in order")
    func words() throws {
        try check(
            .allowUses, ["change", "allow"],
            accepts: [[], ["exec"], ["exec", "proxy", "request", "token"]],
            rejects: [["token", "exec"], ["exec", "exec"], ["test"], ["Exec"], "exec", [""]])
        try check(.allowUses, ["change", "rotate_with"], accepts: ["/"], rejects: ["", "a", "./a"])
        try check(.allowUses, ["change", "paths"], rejects: [[], "GET /"])
        try check(
            .addSlot, ["change", "kind"], accepts: ["key-file", "passphrase", "recovery"],
            rejects: ["", "password", "Recovery"])
        try check(.addSlot, ["change", "temporary"], rejects: [false, 1, "true"])
        try check(.createVault, ["change", "format"], rejects: [0, "1", true])
        try check(.testRotation, ["change", "outcome"], accepts: ["passed"], rejects: ["", "ok"])
        try check(.testConnection, ["change", "label"], rejects: ["current", "previous", ""])
        try check(.beginEpoch, ["change", "epoch"], rejects: [0, "1"])
        try check(.destroySecret, ["change", "destroyed"], rejects: [[], [[:]]])
        try check(
            .acceptLedger, ["change"], accepts: [[:]], rejects: [["seen_size": 1], ["seen_at": Samples.time]])
    }

    @Test("accepts a time with seconds on a day that exists")
    func times() throws {
        for (action, path) in [
            (Action.setSecret, ["change", "expires"]), (.createClient, ["change", "expires", "app-key"]),
            (.editClient, ["change", "state", "secrets", 0, "tested_at"]), (.refused, ["time"]),
        ] as [(Action, [Step])] {
            try check(
                action, path,
                accepts: ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"],
                rejects: [
                    "2026-11-23", "2026-11-23T21:05:00", "2026-11-23T21:05:00+00:00",
                    "2026-11-23T21:05:00.0Z",
                    "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
                    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-11-23t21:05:00z",
                    "10000-01-01T00:00:00Z",
                ])
        }
    }

    @Test("accepts only valid names of members, connectors and epochs")
    func names() throws {
        let bad: [JSON] = [
            "", "Ana", "a b", "\u{e9}", "e\u{301}", .string(String(repeating: "a", count: 65)),
        ]
        try check(.removeSlot, ["object", "name"], rejects: bad)
        try check(.removeSlot, ["actor", "name"], rejects: bad)
        try check(.addMember, ["change", "member", "name"], rejects: bad)
        try check(.addConnector, ["object", "name"], rejects: ["", "Own", "-own", "o.wn"])
        try check(
            .retireEpoch, ["object", "name"],
            rejects: ["", "epoch", "epoch 0", "epoch 01", "Epoch 2", "epoch 2 "])
        try check(.acceptLedger, ["object", "name"], rejects: ["", "Vault"])
        try check(.execConnection, ["object", "name"], rejects: [""])
    }
}

/// A step of a path into a JSON value.
enum Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
    case key(String)
    case index(Int)

    init(stringLiteral value: String) { self = .key(value) }
    init(integerLiteral value: Int) { self = .index(value) }

    var description: String {
        switch self {
        case .key(let key): key
        case .index(let index): "\(index)"
        }
    }

    /// Whether tests add this key rather than replace it.
    var isNew: Bool {
        switch self {
        case .key("keep_until"), .key("tags_digest"), .key("old"), .key("new"): true
        default: false
        }
    }
}

extension JSON {
    /// The paths to all values inside this value.
    var paths: [[Step]] {
        switch self {
        case .object(let members):
            members.pairs.flatMap { pair in
                [[.key(pair.key)]] + pair.value.paths.map { [.key(pair.key)] + $0 }
            }
        case .array(let values):
            values.enumerated().flatMap { index, value in
                [[.index(index)]] + value.paths.map { [.index(index)] + $0 }
            }
        default: []
        }
    }

    func at(_ path: [Step]) -> JSON? {
        guard let step = path.first else { return self }
        let inner: JSON? =
            switch step {
            case .key(let key): object?[key]
            case .index(let index): array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        return inner?.at(Array(path.dropFirst()))
    }

    /// This value with another one at a path; `nil` removes a key.
    func replacing(_ path: [Step], with value: JSON?) -> JSON {
        guard let step = path.first else { return value ?? .null }
        let rest = Array(path.dropFirst())
        switch (self, step) {
        case (.object(var members), .key(let key)):
            members[key] = rest.isEmpty ? value : (members[key] ?? [:]).replacing(rest, with: value)
            return .object(members)
        case (.array(var values), .index(let index)):
            values[index] = values[index].replacing(rest, with: value)
            return .array(values)
        default: return self
        }
    }
}
