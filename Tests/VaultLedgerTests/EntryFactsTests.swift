import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

struct EntryFactsTests {
    @Test("reads the same facts as a complete decode, for every action")
    func facts() {
        for entry in Samples.entries {
            guard let facts = EntryFacts(bytes: entry.bytes) else {
                Issue.record("\(String(decoding: entry.bytes, as: UTF8.self))")
                continue
            }
            #expect(Entry(bytes: entry.bytes) == entry)
            #expect(facts.actor == entry.actor && facts.seq == entry.seq && facts.kind == entry.object.kind)
            #expect(facts.action == entry.action && facts.time == entry.time)
            #expect(facts.operation.bytes == entry.operation.bytes)
            #expect(facts.owner?.hex ?? "" == (entry.object.kind.isOwner ? entry.object.id : ""))
            #expect(facts.versions == (entry.change.state?.secrets ?? []).map(SealedVersion.init))
            #expect(facts.action.recordsState == (entry.change.state != nil))
        }
    }

    // case 41
    @Test("accepts only those of 60,000 mutated entries that are still canonical (case 103)")
    func mutations() {
        var generator = SeededGenerator(seed: 11)
        let sources = Samples.entries.map(\.bytes)
        var accepted = 0
        for _ in 0..<60_000 {
            let bytes = sources.randomElement(using: &generator)!.mutated(using: &generator)
            guard let facts = EntryFacts(bytes: bytes) else { continue }
            accepted += 1
            guard let json = try? JSON.parse(bytes), json.bytes == bytes, let entry = Entry(facts) else {
                Issue.record("accepted: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect(entry.bytes == bytes)
            #expect(json["action"]?.string == facts.action.rawValue)
            #expect(json["object", "kind"]?.string == facts.kind.rawValue)
            #expect(json["seq"]?.integer == Int64(facts.seq))
            #expect(json["time"]?.timestamp == facts.time)
            #expect(json["actor", "id"]?.identifier == facts.actor.id)
            #expect(json["actor", "name"]?.string == facts.actor.name)
            #expect(facts.versions == (entry.change.state?.secrets ?? []).map(SealedVersion.init))
        }
        #expect(accepted > 100)
    }

    @Test("rejects text that another parser could read differently")
    func ambiguousTexts() {
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
            #expect(Entry(bytes: Array(other.utf8)) == nil, "\(other)")
        }
        var bytes = EntryTests.entry.bytes
        bytes[text.utf8.count / 2] = 0xff
        #expect(Entry(bytes: bytes) == nil)
    }
}
