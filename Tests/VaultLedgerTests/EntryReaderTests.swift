import Testing
import VaultCrypto

@testable import VaultLedger

/// The reader that verifying uses takes what `Entry` takes, and nothing else.
struct EntryReaderTests {
    @Test("reads the same facts from an entry as from its values, of every action")
    func facts() {
        for entry in Samples.entries {
            var reader = EntryReader()
            guard let facts = reader.read(entry.bytes) else {
                Issue.record("\(String(decoding: entry.bytes, as: UTF8.self))")
                continue
            }
            #expect(Entry(bytes: entry.bytes) == entry)
            #expect(facts.actor == entry.actor && facts.seq == entry.seq && facts.kind == entry.object.kind)
            #expect(facts.action == entry.action && facts.time == entry.time)
            #expect(facts.hasState == (entry.change.state != nil))
            #expect(facts.entry == (entry.action.movesState ? entry : nil))
            if let state = entry.change.state, let range = facts.state {
                #expect((try? JSON.parse(Array(entry.bytes[range]))).flatMap(OwnerState.init) == state)
            }
        }
    }

    // case 41
    @Test("takes of 60,000 mutated entries only those that mean the same to both readers (case 103)")
    func mutations() {
        var generator = SeededGenerator(seed: 11)
        let sources = Samples.entries.map(\.bytes)
        var taken = 0
        var reader = EntryReader()
        for _ in 0..<60_000 {
            let bytes = sources.randomElement(using: &generator)!.mutated(using: &generator)
            guard let facts = reader.read(bytes) else { continue }
            taken += 1
            guard let json = try? JSON.parse(bytes), json.bytes == bytes, let entry = Entry(bytes: bytes)
            else {
                Issue.record("taken: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect(entry.bytes == bytes)
            #expect(facts.actor == entry.actor && facts.seq == entry.seq && facts.action == entry.action)
            #expect(facts.kind == entry.object.kind && facts.hasState == (entry.change.state != nil))
        }
        #expect(taken > 100)
    }

    @Test("refuses text that another reader could understand differently")
    func otherTexts() {
        let text = String(decoding: EntryTests.entry.bytes, as: UTF8.self)
        let others = [
            text.replacing("\"version\":3", with: "\"version\":03"),
            text.replacing("\"version\":3", with: "\"version\":-0"),
            text.replacing("\"version\":3", with: "\"version\":3.0"),
            text.replacing("\"version\":3", with: "\"version\":9223372036854775808"),
            text.replacing("\"version\":3", with: "\"version\":3,\"version\":3"),
            text.replacing("\"field\":\"app-key\"", with: "\"field\":\"app-k\\u0065y\""),
            text.replacing("asked for", with: "asked\u{7f}for"), text.replacing("asked", with: "\\u0061sked"),
            text.replacing("asked", with: "\\u000Asked"), text + " ", text + "}",
        ]
        for other in others {
            #expect(other != text)
            var reader = EntryReader()
            #expect(reader.read(Array(other.utf8)) == nil, "\(other)")
            #expect(Entry(bytes: Array(other.utf8)) == nil, "\(other)")
        }
        var bytes = EntryTests.entry.bytes
        bytes[text.utf8.count / 2] = 0xff
        var reader = EntryReader()
        #expect(reader.read(bytes) == nil)
    }
}
