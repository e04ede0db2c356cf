import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

struct AnchorTests {
    /// An anchor during a rotation, so that every field has a value.
    static let anchor: Anchor = {
        let verifier = try! TestLedger.story().then(TestLedger.ana, .begin(3)).verify()
        return Anchor(
            vault: verifier.vault!, range: verifier.range, state: verifier.state,
            founderKey: TestLedger.ana.identity.signPublic, seen: Timestamp(text: "2026-11-23")!)
    }()

    @Test func `parses an anchor from its text`() throws {
        #expect(Self.anchor.state.retiring?.number == 2)
        #expect(Anchor.read(Self.anchor.text())?.anchor == Self.anchor)
        #expect(Anchor.read(Self.anchor.text())?.file == nil)
        let verified = try #require(Anchor.read(Self.anchor.text(file: "/v/vault.db")))
        #expect(verified.anchor == Self.anchor && verified.file == "/v/vault.db")
        let early = try TestLedger().then(TestLedger.ana, .found(TestLedger.ana)).verify()
        let bare = Anchor(
            vault: early.vault!, range: early.range, state: early.state, founderKey: Self.anchor.founderKey,
            seen: Self.anchor.seen)
        #expect(bare.state.epoch == nil)
        #expect(Anchor.read(bare.text())?.anchor == bare)
    }

    @Test func `rejects an anchor with a missing or malformed field`() throws {
        let whole = try #require(Self.anchor.json.object)
        #expect(whole.pairs.count == 12)
        for pair in whole.pairs {
            for value in [nil, 7, "x", ["x"], [7], true, ["x": 7]] as [JSON?] {
                // Older programs wrote no counts.
                if pair.key == "secrets", value == nil { continue }
                var broken = whole
                broken[pair.key] = value
                #expect(Anchor(.object(broken)) == nil, "\(pair.key): \(value?.text ?? "missing")")
            }
        }
        #expect(Anchor(.null) == nil)
    }

    @Test func `rejects an anchor with a malformed member, epoch or peak`() throws {
        let whole = Self.anchor.json
        for (key, index) in [("members", 0), ("members", 3)] {
            for pair in whole[key]!.array![index].object!.pairs where pair.key != "newest" {
                expectNone(key) { $0[index][pair.key] = nil }
                expectNone(key) { $0[index][pair.key] = 7 }
            }
        }
        expectNone("members") { $0[0]["slots"] = ["x"] }
        for other: JSON in ["x", -1, 16] { expectNone("members") { $0[0]["newest"] = other } }
        expectNone("members") { $0[0]["role"] = "root" }
        for part in whole["members"]!.array![0]["member"]!.object!.pairs {
            expectNone("members") { $0[0]["member"]![part.key] = "z z" }
        }
        for key in ["epoch", "retiring"] {
            for part in whole[key]!.object!.pairs {
                expectNone(key) { $0[part.key] = nil }
                expectNone(key) { $0[part.key] = 0 }
            }
        }
        let peaks = whole["peaks"]!.array!
        for other in [
            [], Array(peaks.dropLast()), peaks + [peaks[0]], ["x"] + peaks, peaks.reversed() + ["00"],
        ] {
            expectNone("peaks") { $0 = .array(other) }
        }
        expectNone("size") { $0 = 17 }
        expectNone("size") { $0 = 0 }
        expectNone("size") { $0 = -16 }
        expectNone("root") { $0 = .string(TreeTests.roots[3].hex) }
        expectNone("seen") { $0 = "yesterday" }
    }

    @Test func `rejects any other text of the same anchor`() {
        let text = String(decoding: Self.anchor.text(), as: UTF8.self)
        let key = Self.anchor.founderKey
        let others = [
            String(text.dropLast()), text + "\n", text + " ", " " + text, "\u{feff}" + text, text + text,
            text.replacing(",", with: ", "), text.replacing("\"schema\":1", with: "\"schema\":1.0"),
            text.replacing(Hex.encode(key), with: Hex.encode(key).uppercased()),
            text.replacing("\"schema\"", with: "\"schem\\u0061\""),
            text.replacing("{\"connectors\"", with: "{\"added\":1,\"connectors\""),
            text.replacing("\"schema\":1", with: "\"schema\":1,\"schema\":1"),
            text.replacing("\"covered\"", with: "\"added\":1,\"covered\""),
            text.replacing("\"founder_key\"", with: "\"file\":null,\"founder_key\""),
        ]
        for other in others {
            #expect(other != text)
            #expect(Anchor.read(Array(other.utf8)) == nil, "\(other)")
        }
    }

    @Test func `rejects numbers that are impossible for the size of the ledger`() {
        for (key, place) in [("began", 0), ("began", 1), ("epoch", 0), ("lists", 1)] {
            for number: Int64 in [16, 1 << 40, .max] {
                expectNone("secrets") { $0["epochs"]![place][key] = .integer(number) }
            }
        }
        for number: Int64 in [1 << 53 + 1, .max, -1] {
            expectNone("secrets") { $0["epochs"]![0]["secrets"] = .integer(number) }
            expectNone("secrets") { $0["uncovered"] = .integer(number) }
            expectNone("epoch") { $0["epoch"] = .integer(number) }
        }
    }

    @Test func `clamps counts from an edited anchor at zero`() {
        var counts = SecretCounts()
        counts.remove(SealedVersion(field: "app-key", version: 1, isDeposit: false, epoch: nil, digest: nil))
        #expect(counts.uncovered == 0)
    }

    private func expectNone(_ key: String, _ change: (inout JSON) -> Void) {
        var members = Self.anchor.json.object!
        change(&members[key]!)
        #expect(Anchor(.object(members)) == nil, "\(key): \(members[key]!.text)")
    }
}

extension JSON {
    fileprivate subscript(index: Int) -> JSON {
        get { array![index] }
        set {
            var values = array!
            values[index] = newValue
            self = .array(values)
        }
    }

    fileprivate subscript(key: String) -> JSON? {
        get { object![key] }
        set {
            var members = object!
            members[key] = newValue
            self = .object(members)
        }
    }
}
