import Testing
import VaultCrypto

@testable import VaultLedger

/// The reader that verifying uses takes what `Entry` takes, and nothing else.
struct EntryReaderTests {
    /// Entries of every action, with all that a change can hold.
    static let entries: [Entry] = {
        let plain = Action.allCases.filter { !$0.movesState }.flatMap { action in
            action.objects.prefix(2).map { kind in
                var entry = TestLedger().entry(
                    TestLedger.ana, Deed(action, Entry.Object(kind, name: "x \u{e9} \"y\"\n")))
                if action.leadsToState { entry.change.state = EntryTests.entry.change.state }
                entry.change.details = [
                    "a": [1, -2, .null, true, [:], []], "z": ["new": "b", "old": ["c"]],
                ]
                return entry
            }
        }
        return plain + [EntryTests.entry] + TestLedger.story().entries.compactMap { Entry(bytes: $0) }
    }()

    @Test func `what moves nothing is read without being made a value of`() {
        for entry in Self.entries where !entry.action.movesState {
            var reader = EntryReader()
            let facts = reader.scan(entry.bytes)
            #expect(facts != nil, "\(entry.action)")
            #expect(
                facts?.actor == entry.actor && facts?.seq == entry.seq && facts?.kind == entry.object.kind)
            #expect(facts?.hasState == (entry.change.state != nil))
            if let state = entry.change.state, let range = facts?.state {
                #expect((try? JSON.parse(Array(entry.bytes[range]))).flatMap(OwnerState.init) == state)
            }
        }
    }

    @Test func `what replay needs whole is read whole`() {
        for entry in Self.entries where entry.action.movesState {
            var reader = EntryReader()
            #expect(reader.scan(entry.bytes) == nil)
            #expect(reader.read(entry.bytes)?.entry == entry)
        }
    }

    // case 41
    @Test func `no mutated entry is taken that is none, and what is taken means the same`() {
        var generator = SeededGenerator(seed: 11)
        let sources = Self.entries.filter { !$0.action.movesState }.map(\.bytes)
        var taken = 0
        var reader = EntryReader()
        for _ in 0..<40_000 {
            let bytes = sources.randomElement(using: &generator)!.mutated(using: &generator)
            guard let facts = reader.scan(bytes) else { continue }
            taken += 1
            guard let entry = Entry(bytes: bytes) else {
                Issue.record("taken: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect(facts.actor == entry.actor && facts.seq == entry.seq && facts.action == entry.action)
            #expect(facts.kind == entry.object.kind && facts.hasState == (entry.change.state != nil))
        }
        #expect(taken > 100)
    }

    @Test func `texts that another reader could take otherwise are not decided by the scan`() {
        let text = String(decoding: EntryTests.entry.bytes, as: UTF8.self)
        let others = [
            text.replacing("\"a-first\":1", with: "\"a-first\":01"),
            text.replacing("\"a-first\":1", with: "\"a-first\":-0"),
            text.replacing("\"a-first\":1", with: "\"a-first\":1,\"a-first\":1"),
            text.replacing("\"a-first\":1", with: "\"a-first\":{\"object\":{\"id\":\"x\"}}"),
            text.replacing("\"a-first\":1", with: "\"object\":{\"id\":\"x\"}"),
            text.replacing("\"x\":\"y\"", with: "\"state\":{\"secrets\":[]}"),
            text.replacing("asked for", with: "asked\u{7f}for"), text.replacing("asked", with: "\\u0061sked"),
            text.replacing("asked", with: "\\u000Asked"), text + " ", text + "}",
        ]
        for other in others {
            #expect(other != text)
            var reader = EntryReader()
            #expect(reader.scan(Array(other.utf8)) == nil, "\(other)")
            #expect(reader.read(Array(other.utf8)) == nil, "\(other)")
        }
        var bytes = EntryTests.entry.bytes
        bytes[text.utf8.count / 2] = 0xff
        var reader = EntryReader()
        #expect(reader.read(bytes) == nil)
    }
}
