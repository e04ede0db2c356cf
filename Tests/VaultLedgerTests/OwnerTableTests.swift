import Testing
import VaultCrypto

@testable import VaultLedger

/// The table that replay keeps its owners in is a dictionary, whatever was put into it.
struct OwnerTableTests {
    @Test("keeps what a dictionary keeps, through growth, replacement and removal")
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

    @Test("tells which owners were not met")
    func meeting() {
        var table = OwnerTable()
        let keys = (0..<3).map { IdentifierKey(bytes: [UInt8](repeating: $0, count: 16))! }
        for key in keys { table[key] = SealedOwner(kind: .client, versions: []) }
        table[keys[2]] = SealedOwner(kind: .client, isRemoved: true, versions: [])
        #expect(table.hasUnmet && table.meet(keys[2]) == nil)
        _ = (table.meet(keys[0]), table.meet(keys[1]))
        #expect(!table.hasUnmet)
    }

    @Test("orders and writes keys as their bytes")
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
