import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

struct LedgerVerifierTests {
    @Test func `verifies a ledger of several members, and replays them`() throws {
        let ledger = TestLedger.story()
        let verifier = try ledger.verify()
        #expect(verifier.vault == Digest.sha256(ledger.entries[0]))
        #expect(verifier.range.size == 15)
        #expect(verifier.range == verifier.reached)
        let state = verifier.state
        #expect(state.members.map(\.name) == ["ana", "ben", "cora", "dan"])
        #expect(state.members.map(\.role) == [.admin, .user, .writer, .auditor])
        #expect(state.member(named: "ana")?.slots.count == 1)
        #expect(state.member(TestLedger.dan.id)?.slots.count == 1)
        #expect(state.epoch?.number == 2)
        #expect(state.retiring == nil)
        #expect(state.connectors.keys.sorted() == ["own"])
    }

    @Test func `continues from any head to the same state`() throws {
        let ledger = TestLedger.story()
        let whole = try ledger.verify()
        for head in ledger.heads {
            var start = TestLedger()
            start.entries = Array(ledger.entries.prefix(Int(head.size)))
            start.heads = ledger.heads.filter { $0.size <= head.size }
            let before = try start.verify()
            let after = try ledger.verify(
                from: LedgerVerifier(
                    vault: before.vault!, range: before.range, state: before.state,
                    history: TestHistory(before.owners)))
            #expect(after.range == whole.range)
            #expect(after.state == whole.state)
        }
    }

    @Test func `replays changed roles and removed slots, connectors and members`() throws {
        let (ana, ben) = (TestLedger.ana, TestLedger.ben)
        let state = try TestLedger.story()
            .then(ana, .role(ben, .admin)).then(ben, .role(ana, .user))
            .then(ben, .connector("own", .removeConnector), .slot(ana, 1, .removeSlot))
            .then(ben, EntryDraft(.removeMember, TestLedger.cora.object), .slot(ben, 3), .slot(ben, 4))
            .verify().state
        #expect(state.members.map(\.name) == ["ana", "ben", "dan"])
        #expect(state.member(named: "ana")?.role == .user)
        #expect(state.member(named: "ana")?.slots == [])
        #expect(state.member(named: "ben")?.slots.count == 2)
        #expect(state.connectors.isEmpty)
    }

    // case 50
    @Test func `ignores a clock that moves back or forward`() throws {
        var ledger = TestLedger.story()
        for time in ["1999-01-01", "9999-12-31", "2026-11-24"] {
            ledger.time = Timestamp(text: time)!
            ledger.commit(TestLedger.ben, [.owner(.execConnection)])
        }
        #expect(try ledger.verify().range.size == 18)
    }

    @Test func `verifies random ledgers, and rejects each with one byte changed`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<8 {
            let ledger = TestLedger.random(using: &generator)
            #expect(ledger.fault == nil)
            for _ in 0..<40 {
                let altered = ledger.tampered { ledger in
                    if Int.random(in: 0..<3, using: &generator) > 0 {
                        let place = Int.random(in: 0..<ledger.entries.count, using: &generator)
                        ledger.entries[place] = ledger.entries[place].altered(using: &generator)
                    } else {
                        let place = Int.random(in: 0..<ledger.heads.count, using: &generator)
                        let bytes = Array(ledger.heads[place].note.utf8).altered(using: &generator)
                        ledger.heads[place].note = String(decoding: bytes, as: UTF8.self)
                    }
                }
                #expect(altered.fault != nil)
            }
        }
    }

    // case 41
    @Test func `never crashes on entries and heads out of order`() {
        var generator = SeededGenerator(seed: 8)
        let story = TestLedger.story()
        for _ in 0..<60 {
            var ledger = story
            for _ in 0..<3 {
                let place = Int.random(in: 0..<ledger.entries.count, using: &generator)
                let head = Int.random(in: 0..<ledger.heads.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: ledger.entries[place] = ledger.entries[place].mutated(using: &generator)
                case 1: ledger.entries.remove(at: place)
                case 2: ledger.entries.insert(ledger.entries.randomElement(using: &generator)!, at: place)
                case 3: ledger.heads.remove(at: head)
                default: ledger.heads[head].size = UInt64.random(in: 0...20, using: &generator)
                }
            }
            // A ledger cut at a head is valid.
            if ledger.fault == nil { #expect(story.entries.starts(with: ledger.entries)) }
        }
    }
}

extension TestLedger {
    /// A ledger of four members with random changes that their roles allow.
    static func random(using generator: inout SeededGenerator) -> TestLedger {
        var ledger = TestLedger()
        ledger.commit(
            ana, [.found(ana), .begin(1), .add(ben, .user), .add(cora, .writer), .add(dan, .auditor)])
        let roles: [(Person, Role)] = [(ana, .admin), (ben, .user), (cora, .writer), (dan, .auditor)]
        // All owners, and those that were removed.
        var kinds: [UInt8: Entry.Object.Kind] = [:]
        var removed: Set<UInt8> = []
        var slot: UInt8 = 0
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let (person, role) = roles.randomElement(using: &generator)!
            var drafts: [EntryDraft] = []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                slot += 1
                let number = UInt8.random(in: 1...9, using: &generator)
                let kind = kinds[number] ?? (number.isMultiple(of: 3) ? .client : .connection)
                let isThere = kinds[number] != nil
                let actions = Action.allCases.filter { action in
                    role.allows(action) && action.objects.contains(kind) && action != .refused
                        && action.isCreation == !isThere && !removed.contains(number)
                }
                guard Bool.random(using: &generator), let action = actions.randomElement(using: &generator)
                else {
                    drafts.append(.slot(person, slot))
                    continue
                }
                kinds[number] = kind
                if action.isRemoval { removed.insert(number) }
                drafts.append(.owner(action, number, kind: kind))
            }
            ledger.time = Timestamp(seconds: Int64.random(in: 0...4_000_000_000, using: &generator))
            ledger.commit(person, drafts)
        }
        return ledger
    }
}
