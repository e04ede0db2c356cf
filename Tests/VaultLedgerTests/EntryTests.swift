import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

struct EntryTests {
    static let entry: Entry = {
        var entry = TestLedger().entry(TestLedger.ana, .owner(.editConnection))
        entry.reason = "asked for"
        entry.change = Samples.change(.editConnection, whole: true)
        return entry
    }()

    @Test func `decodes an entry from its bytes`() throws {
        let read = try #require(Entry(bytes: Self.entry.bytes))
        #expect(read == Self.entry)
        #expect(read.bytes == Self.entry.bytes)
        for bytes in TestLedger.story().entries { #expect(Entry(bytes: bytes)?.bytes == bytes) }
    }

    @Test func `writes keys in byte order`() throws {
        for bytes in TestLedger.story().entries + [Self.entry.bytes] {
            #expect(try JSON.parse(bytes).bytes == bytes)
        }
    }

    @Test func `decodes a state from its bytes`() throws {
        var writer = JSONWriter()
        Self.entry.change.state!.write(to: &writer)
        #expect(OwnerState(try JSON.parse(writer.bytes)) == Self.entry.change.state)
    }

    @Test func `rejects any other text of the same entry`() throws {
        let text = String(decoding: Self.entry.bytes, as: UTF8.self)
        var others = [
            text + " ", " " + text, text + "\n", text.replacing(":", with: ": ", maxReplacements: 1),
            text.replacing(",\"via\"", with: ", \"via\""), text.replacing("asked", with: "\\u0061sked"),
            text.replacing("example", with: "e\\/xample"), text.replacing("\"seq\":0", with: "\"seq\":-0"),
        ]
        let via = #"{"host":"here","program":"cli","user":"ana"}"#
        #expect(text.contains(via))
        others.append(text.replacing(via, with: #"{"program":"cli","host":"here","user":"ana"}"#))
        others.append(text.replacing(via, with: #"{"host":"here","program":"cli","user":"ana","x":1}"#))
        others.append(text.replacing(via, with: #"{"host":"here","program":"cli"}"#))
        let digest = String(repeating: "02", count: 32)
        others.append(text.replacing(digest, with: String(repeating: "0A", count: 32)))
        for other in others {
            #expect(other != text)
            #expect(Entry(bytes: Array(other.utf8)) == nil, "\(other)")
        }
    }

    @Test func `rejects an entry with a field that is missing, unknown or of another type`() throws {
        let whole = try #require(try JSON.parse(Self.entry.bytes).object)
        for pair in whole.pairs where pair.key != "reason" {
            var without = whole
            without[pair.key] = nil
            #expect(Entry(bytes: JSON.object(without).bytes) == nil, "without \(pair.key)")
            for other in [JSON.null, "x", 1, [], true, -1] as [JSON] where other != pair.value {
                var broken = whole
                broken[pair.key] = other
                #expect(Entry(bytes: JSON.object(broken).bytes) == nil || pair.key == "seq" && other == 1)
            }
            guard let inner = pair.value.object, pair.key != "change" else { continue }
            for member in inner.pairs where member.key != "id" || pair.key != "object" {
                var part = inner
                part[member.key] = nil
                var broken = whole
                broken[pair.key] = .object(part)
                #expect(Entry(bytes: JSON.object(broken).bytes) == nil, "\(pair.key) without \(member.key)")
            }
        }
        var more = whole
        more["zzz"] = 1
        #expect(Entry(bytes: JSON.object(more).bytes) == nil)
        var reasonless = whole
        reasonless["reason"] = nil
        #expect(Entry(bytes: JSON.object(reasonless).bytes)?.reason == nil)
        reasonless["reason"] = 5
        #expect(Entry(bytes: JSON.object(reasonless).bytes) == nil)
    }

    @Test func `rejects an entry with a malformed state or malformed settings`() throws {
        let digest = JSON.string(String(repeating: "0", count: 64))
        let whole = try JSON.parse(Self.entry.bytes)
        func isEntry(_ path: [Step], _ value: JSON?) -> Bool {
            Entry(bytes: whole.replacing(["change"] + path, with: value).bytes) != nil
        }
        #expect(isEntry(["state", "tags_digest"], nil))
        for (key, values) in [
            "tags_digest": [.null, "00", 1], "settings_digest": [nil, .null, "00", "zz"],
            "secrets": [
                nil, .null, ["x"], [["field": "a", "label": "current"]],
                [["field": "a", "label": "current", "version": 0]],
                [["field": "a", "label": "other", "version": 1]],
                [["label": "current", "version": 1]], [["field": "a", "version": 1]],
                [["deposit": "00", "field": "a", "label": "current", "version": 1]],
                [
                    [
                        "deposit": digest, "epoch": 1, "field": "a", "label": "current", "sealed": digest,
                        "version": 1,
                    ]
                ],
                [["field": "a", "label": "current", "sealed": digest, "version": 1]],
                [["epoch": 1, "field": "a", "label": "current", "version": 1]],
            ],
        ] as [String: [JSON?]] {
            for value in values {
                #expect(!isEntry(["state", .key(key)], value), "\(key): \(value?.text ?? "missing")")
            }
        }
        #expect(
            isEntry(
                ["state", "secrets"],
                [["deposit": digest, "field": "a", "label": "current", "version": 1]]))
        for value in [[], ["a": 1]] as [JSON] { #expect(!isEntry(["settings"], value)) }
        for value in [1, ["secrets": []]] as [JSON] { #expect(!isEntry(["state"], value)) }
    }

    // case 52
    @Test func `escapes control characters and newlines in every field`() throws {
        let hostile = "x\n— ana \u{1b}]52;c;AAAA\u{7}\r\"},\"action\":\"vault.create\u{0}\u{7f}"
        var entry = Self.entry
        entry.via = Entry.Via(program: hostile, user: hostile, host: hostile)
        entry.object = Entry.Object(kind: .connection, id: entry.object.id, name: hostile)
        entry.reason = hostile
        entry.change.settings = [.init(key: "pool", old: .string(hostile), new: .array([.string(hostile)]))]
        entry.change.details = ["name": ["new": .string(hostile), "old": .string(hostile)]]
        let bytes = entry.bytes
        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        #expect(Entry(bytes: bytes) == entry)
    }

    // case 51: a state can't contain a value, its length or a hash of it.
    @Test func `records only field, version and label of a secret`() throws {
        let entry = TestLedger().entry(TestLedger.ana, .owner(.setSecret))
        let secrets = try #require(try JSON.parse(entry.bytes)["change", "state", "secrets"]?.array)
        #expect(secrets == [["field": "app-key", "label": "current", "version": 1]])
    }

    @Test func `finds an entry by its own object and state only`() throws {
        // Otherwise an author could hide an entry from the history of its object, or add it to another history.
        let other = JSON.string(String(repeating: "9", count: 32))
        let misleading: [JSON.Members] = [
            ["object": ["id": other]], ["tags": ["object": ["id": other]]],
            ["name": ["new": "b", "old": ["object": ["id": other]]]], ["tags": ["state": ["secrets": []]]],
        ]
        for details in misleading {
            for action in [Action.createConnection, .editConnection, .annotateConnection, .refused] {
                var entry = Samples.entry(action, .connection, whole: true)
                for pair in details.pairs { entry.change.details[pair.key] = pair.value }
                #expect(Entry(bytes: entry.bytes) == nil)
            }
            var entry = Self.entry
            entry.change.settings = [.init(key: "pool", old: nil, new: .object(details))]
            #expect(Entry(bytes: entry.bytes) == nil)
        }
        // The text that SQLite searches for occurs at most once in an entry.
        for entry in Samples.entries {
            let text = String(decoding: entry.bytes, as: UTF8.self)
            #expect(text.ranges(of: "\"object\":{\"id\":\"").count <= 1)
            #expect(text.ranges(of: "\"state\":{\"secrets\":[").count == (entry.action.recordsState ? 1 : 0))
        }
    }

    @Test(arguments: ["x", "00", String(repeating: "0A", count: 16), String(repeating: "0", count: 33)])
    func `rejects a malformed object ID`(id: String) {
        var entry = Self.entry
        entry.object = Entry.Object(kind: .connection, id: id, name: "x")
        #expect(Entry(bytes: entry.bytes) == nil)
    }

    // case 41
    @Test func `never crashes on mutated entries, and accepts none that it would encode differently`() {
        var generator = SeededGenerator(seed: 6)
        let sources = TestLedger.story().entries + Samples.entries.map(\.bytes)
        for _ in 0..<4000 {
            let bytes = sources.randomElement(using: &generator)!.mutated(using: &generator)
            if let entry = Entry(bytes: bytes) { #expect(entry.bytes == bytes) }
        }
    }
}
