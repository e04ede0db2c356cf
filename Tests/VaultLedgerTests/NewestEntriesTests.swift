import Testing

@testable import VaultLedger

@Suite struct NewestEntriesTests {
    @Test(arguments: 0..<20)
    func `says what a dictionary would say, in whatever order it was told`(round: Int) {
        let authors = (0..<12).map { _ in
            Identifier(bytes: (0..<Identifier.size).map { _ in UInt8.random(in: 0...2) })!
        }
        var model: [Identifier: UInt64?] = [:]
        var newest = NewestEntries()
        for seq in 0..<UInt64(100) {
            let author = authors.randomElement()!
            switch Int.random(in: 0..<4) {
            case 0:
                model.removeValue(forKey: author)
                newest[author] = nil
            case 1:
                model.updateValue(nil, forKey: author)
                newest[author] = .some(nil)
            default:
                model.updateValue(seq, forKey: author)
                newest[author] = seq
            }
            #expect(newest.count == model.count && authors.allSatisfy { newest[$0] == model[$0] })
        }
        var again = NewestEntries()
        for (author, seq) in model.shuffled() { again[author] = .some(seq) }
        #expect(again == newest)
    }

    @Test func `what was known stays when the rest is filled in`() {
        let (ana, bo) = (
            Identifier(bytes: [UInt8](repeating: 1, count: 16))!,
            Identifier(bytes: [UInt8](repeating: 2, count: 16))!
        )
        var (known, found) = (NewestEntries(), NewestEntries())
        known[bo] = .some(nil)
        found[ana] = 7
        found[bo] = 9
        known.fill(from: found)
        #expect(known[ana] == 7 && known[bo] == .some(nil))
    }
}
