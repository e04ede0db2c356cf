import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

struct OwnerTableTests {
    @Test("stores the same owners as a dictionary, through growth, replacement and removal")
    func model() {
        var generator = SeededGenerator(seed: 5)
        var (table, model) = (OwnerTable(), [IdentifierKey: SealedOwner]())
        func key(_ number: Int) -> IdentifierKey {
            let name: [UInt8] = [UInt8(number & 255), UInt8(number >> 8)]
            return IdentifierKey(bytes: Digest.sha256(name).prefix(16))!
        }
        for round in 0..<60_000 {
            let key = key(Int.random(in: 0..<4000, using: &generator))
            let count = Int.random(in: 0...5, using: &generator)
            let versions = (0..<count).map { (number: Int) -> SealedVersion in
                SealedVersion(
                    field: "field-\(number)", version: UInt64(round), isDeposit: number == 1,
                    epoch: number == 2 ? nil : UInt64(number + 1),
                    digest: number == 2 ? nil : Hash(Digest.sha256([UInt8(number)])),
                    list: number == 3 ? UInt64(round) : nil)
            }
            let owner = SealedOwner(
                kind: round.isMultiple(of: 3) ? .client : .connection, isRemoved: round.isMultiple(of: 7),
                versions: versions)
            table[key] = owner
            model[key] = owner
        }
        #expect(table.count == model.count)
        for number in 0..<4100 { #expect(table[key(number)] == model[key(number)]) }
    }

    @Test("reports whether owners were not seen")
    func seen() {
        var table = OwnerTable()
        let keys = (0..<3).map { IdentifierKey(bytes: [UInt8](repeating: $0, count: 16))! }
        for key in keys { table[key] = SealedOwner(kind: .client, versions: []) }
        table[keys[2]] = SealedOwner(kind: .client, isRemoved: true, versions: [])
        #expect(table.hasUnseen && table.markSeen(keys[2]) == nil)
        _ = (table.markSeen(keys[0]), table.markSeen(keys[1]))
        #expect(!table.hasUnseen)
    }

    @Test("orders and formats keys by their bytes")
    func keys() {
        var generator = SeededGenerator(seed: 3)
        let all = (0..<200).map { _ in
            (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let keys = all.map { IdentifierKey(bytes: $0)! }
        #expect(keys.map(\.bytes) == all)
        #expect(keys.sorted().map(\.bytes) == all.sorted { $0.lexicographicallyPrecedes($1) })
        for key in keys { #expect(IdentifierKey(hex: key.hex) == key) }
        #expect(
            IdentifierKey(hex: String(repeating: "A", count: 32)) == nil && IdentifierKey(hex: "00") == nil)
    }
}
