import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

/// Forged ledgers, each with the fault that names its first bad entry. Entries 0 to 2 and 3 to 5 have one head each, over
/// 3 and 6 entries.
struct TamperingTests {
    private let story = TestLedger.story()
    private let ana = TestLedger.ana
    private let ben = TestLedger.ben
    private let cora = TestLedger.cora
    private let dan = TestLedger.dan

    // case 46
    @Test func `rejects an edited entry`() {
        let edited = story.tampered { ledger in
            let text = String(decoding: ledger.entries[9], as: UTF8.self)
            #expect(text.contains("\"because 9\""))
            ledger.entries[9] = Array(text.replacing("because 9", with: "because 8").utf8)
        }
        #expect(edited.fault == .altered(from: 9, size: 10))
        #expect(story.tampered { $0.entries[9] = [] }.fault == .malformedEntry(seq: 9))
        #expect(story.tampered { $0.entries[9].append(0x20) }.fault == .malformedEntry(seq: 9))
        #expect(story.tampered { $0.entries[4] = $0.entries[4] + [0] }.fault == .malformedEntry(seq: 4))
    }

    // case 46
    @Test func `rejects removed, moved and duplicated entries`() {
        #expect(story.tampered { $0.entries.remove(at: 7) }.fault == .outOfOrder(expected: 7, found: 8))
        #expect(story.tampered { $0.entries.swapAt(7, 8) }.fault == .outOfOrder(expected: 7, found: 8))
        #expect(
            story.tampered { $0.entries.insert($0.entries[7], at: 8) }.fault
                == .outOfOrder(expected: 8, found: 7))
        #expect(story.tampered { $0.entries.removeFirst() }.fault == .outOfOrder(expected: 0, found: 1))
    }

    // case 46
    @Test func `rejects a copy of an entry with another number`() {
        var forged = Entry(bytes: story.entries[7])!
        forged.seq = 8
        #expect(story.tampered { $0.entries[8] = forged.bytes }.fault == .altered(from: 8, size: 9))
    }

    // case 45
    @Test func `rejects heads over entries that were cut off`() {
        #expect(story.tampered { $0.entries.removeLast(3) }.fault == .headOutOfPlace(size: 13, entries: 12))
        #expect(story.tampered { $0.entries.removeAll() }.fault == .headOutOfPlace(size: 3, entries: 0))
    }

    // case 45
    @Test func `accepts a ledger cut off with its heads, which is shorter than the remembered one`() throws {
        let cut = story.tampered { ledger in
            ledger.entries.removeLast(3)
            ledger.heads.removeLast(3)
        }
        let (seen, found) = (try story.verify(), try cut.verify())
        #expect(found.range.size < seen.range.size)
        #expect(throws: ProofError.sizesReversed) {
            try Proof.checkConsistency(
                from: seen.range.size, root1: seen.range.root, to: found.range.size, root2: found.range.root,
                path: [])
        }
        #expect(throws: LedgerError.headOutOfPlace(size: 12, entries: 15)) {
            var verifier = seen
            try verifier.close(with: cut.heads.last!.note)
        }
    }

    // case 45
    @Test func `rejects newer entries that were rewritten`() throws {
        let cut = story.tampered { ledger in
            ledger.entries.removeLast()
            ledger.heads.removeLast()
        }
        let rewritten = cut.then(dan, .slot(dan, 9)).then(dan, .slot(dan, 10))
        #expect(rewritten.fault == nil)
        let seen = try story.verify()
        #expect(throws: LedgerError.altered(from: 15, size: 16)) {
            try rewritten.verify(
                from: LedgerVerifier(vault: seen.vault!, range: seen.range, state: seen.state))
        }
    }

    // case 48
    @Test func `rejects an entry under another member's name`() {
        #expect(
            story.then(ana, .begin(3), signedBy: cora).fault == .badSignature(size: 16, name: "ana"))
        // Cora's key under Ana's name, and Ana's name with Cora's ID.
        var forged = story
        forged.append(ana, [.begin(3)])
        forged.heads.append((16, forged.head(by: cora).encoded.replacing("— cora ", with: "— ana ")))
        #expect(forged.fault == .badSignature(size: 16, name: "ana"))
        #expect(
            forged.tampered { $0.heads[11].note = $0.heads[0].note }.fault
                == .headOutOfPlace(size: 3, entries: 16))
        var mixed = story.entry(cora, .owner(.setSecret))
        mixed.actor = Entry.Actor(id: cora.id, name: "ana")
        let renamed = story.tampered { ledger in
            ledger.entries.append(mixed.bytes)
            ledger.sign(ana)
        }
        #expect(renamed.fault == .unknownAuthor(seq: 15, name: "ana"))
    }

    @Test func `rejects a head with another member's signature or none`() {
        let stolen = story.tampered { $0.heads[4].note = $0.head(by: TestLedger.cora, size: 9).encoded }
        #expect(stolen.fault == .badSignature(size: 9, name: "ben"))
        #expect(story.tampered { $0.heads[4].note = "" }.fault == .malformedHead(size: 9))
        let bare = SignedNote(text: "not a checkpoint\n", signatures: story.head(by: ben).signatures)
        #expect(story.tampered { $0.heads[4].note = bare.encoded }.fault == .malformedHead(size: 9))
    }

    @Test func `rejects an author who is not a member at that point`() {
        let eve = Person("eve")
        #expect(story.then(eve, .owner(.createConnection)).fault == .unknownAuthor(seq: 15, name: "eve"))
        let left = story.then(ana, EntryDraft(.removeMember, cora.object))
        #expect(left.then(cora, .owner(.setSecret)).fault == .unknownAuthor(seq: 16, name: "cora"))
        // A new member can't add themselves.
        #expect(story.then(eve, .add(eve, .admin)).fault == .unknownAuthor(seq: 15, name: "eve"))
    }

    @Test func `rejects an action that the role does not allow`() {
        for (person, role) in [(ben, Role.user), (cora, .writer), (dan, .auditor)] {
            #expect(
                story.then(person, .begin(3)).fault
                    == .notAllowed(seq: 15, name: person.name, role: role, action: .beginEpoch))
            #expect(
                story.then(person, .role(person, .admin)).fault
                    == .notAllowed(seq: 15, name: person.name, role: role, action: .changeRole))
        }
        #expect(
            story.then(cora, .owner(.execConnection)).fault
                == .notAllowed(seq: 15, name: "cora", role: .writer, action: .execConnection))
        #expect(
            story.then(dan, .owner(.setSecret)).fault
                == .notAllowed(seq: 15, name: "dan", role: .auditor, action: .setSecret))
        // The role at that point counts: Ben was a user before he was an auditor.
        #expect(
            story.then(ana, .role(ben, .auditor)).then(ben, .owner(.execConnection)).fault
                == .notAllowed(seq: 16, name: "ben", role: .auditor, action: .execConnection))
    }

    // case 47
    @Test func `reports two checkpoints of the same size as a fork`() throws {
        let (one, two) = (
            story.then(ben, .owner(.execConnection)), story.then(ben, .owner(.verifySecret))
        )
        #expect(one.fault == nil && two.fault == nil)
        let roots = try (one.verify().range, two.verify().range)
        #expect(roots.0.size == roots.1.size)
        #expect(throws: ProofError.rootMismatch) {
            try Proof.checkConsistency(
                from: roots.0.size, root1: roots.0.root, to: roots.1.size, root2: roots.1.root, path: [])
        }
        #expect(one.tampered { $0.heads[11] = two.heads[11] }.fault == .altered(from: 15, size: 16))
        let doubled = one.tampered { $0.heads.append(two.heads[11]) }
        #expect(doubled.fault == .headOutOfPlace(size: 16, entries: 16))
    }

    @Test func `rejects entries that were never signed`() {
        #expect(
            story.tampered { $0.append(TestLedger.ben, [.owner(.execConnection)]) }.fault
                == .unsigned(from: 15))
        #expect(story.tampered { $0.heads.removeLast(2) }.fault == .mixedAuthors(seq: 14))
        #expect(story.tampered { $0.heads.removeLast() }.fault == .unsigned(from: 14))
    }

    @Test func `rejects a missing head between two transactions of one author`() {
        let ledger = story.then(ben, .owner(.execConnection)).then(ben, .owner(.verifySecret))
        #expect(ledger.fault == nil)
        for place in ledger.heads.indices {
            #expect(ledger.tampered { $0.heads.remove(at: place) }.fault != nil, "head \(place)")
        }
        #expect(ledger.tampered { $0.heads.remove(at: 11) }.fault == .mixedOperations(seq: 16))
    }

    @Test func `rejects two authors under one head`() {
        let mixed = story.tampered { ledger in
            ledger.append(TestLedger.ben, [.owner(.execConnection)])
            ledger.append(TestLedger.cora, [.owner(.setSecret)])
            ledger.sign(TestLedger.cora)
        }
        #expect(mixed.fault == .mixedAuthors(seq: 16))
    }

    // case 27
    @Test func `rejects a forged rotation`() {
        func fault(_ drafts: EntryDraft...) -> LedgerError? {
            story.tampered { $0.commit(ana, drafts) }.fault
        }
        #expect(
            fault(.begin(3), .begin(4))
                == .contradiction(seq: 16, what: "the previous rotation has not ended"))
        #expect(
            fault(.retire(1)) == .contradiction(seq: 15, what: "the epoch is not being retired"))
        #expect(
            fault(.begin(3), .retire(1))
                == .contradiction(seq: 16, what: "the epoch is not being retired"))
        #expect(
            fault(.begin(3), .retire(3))
                == .contradiction(seq: 16, what: "the epoch is not being retired"))
        for number: UInt64 in [1, 2, 4] {
            #expect(fault(.begin(number)) == .contradiction(seq: 15, what: "the epoch is out of sequence"))
        }
        for broken in ["commitment", "deposit_key"] {
            var draft = EntryDraft.begin(3)
            draft.change.details[broken] = "00"
            #expect(fault(draft) == .malformedEntry(seq: 15))
        }
        var nameless = EntryDraft.begin(3)
        nameless.change.details["epoch"] = 0
        #expect(fault(nameless) == .malformedEntry(seq: 15))
        #expect(fault(.begin(3), .retire(2), .begin(4)) == nil)
    }

    @Test func `rejects slots of another member, duplicate slots and unknown slots`() {
        func fault(_ person: Person, _ draft: EntryDraft) -> LedgerError? { story.then(person, draft).fault }
        #expect(
            fault(ben, .slot(ana, 9)) == .contradiction(seq: 15, what: "the slot belongs to another member"))
        #expect(
            fault(ben, .slot(ana, 1, .removeSlot))
                == .contradiction(seq: 15, what: "the slot belongs to another member")
        )
        #expect(fault(ana, .slot(ben, 9)) == nil)
        #expect(fault(ben, .slot(ben, 1)) == .contradiction(seq: 15, what: "the slot already exists"))
        #expect(
            fault(ben, .slot(ben, 8, .removeSlot))
                == .contradiction(seq: 15, what: "the slot does not exist"))
        #expect(
            fault(ana, .slot(Person("eve"), 9)) == .contradiction(seq: 15, what: "the member does not exist"))
        #expect(
            fault(ana, EntryDraft(.addSlot, ana.object))
                == .malformedEntry(seq: 15))
    }

    @Test func `rejects anything but a new passphrase from a member with a temporary slot`() {
        var first = EntryDraft.slot(ben, 9)
        first.change.details["temporary"] = true
        let marked = story.then(ana, first)
        let what = "its author must first replace a passphrase that someone else chose"
        for action in [Action.createConnection, .execConnection, .setSecret, .verifySecret] {
            #expect(marked.then(ben, .owner(action)).fault == .contradiction(seq: 16, what: what))
        }
        #expect(marked.then(ben, .slot(ben, 8)).then(ben, .owner(.execConnection)).fault != nil)
        let replaced = marked.then(ben, .slot(ben, 8), .slot(ben, 9, .removeSlot))
        #expect(replaced.then(ben, .owner(.execConnection)).fault == nil)
        first.change.details["temporary"] = false
        #expect(
            story.then(ana, first).fault
                == .malformedEntry(seq: 15))
    }

    @Test func `rejects the use of another member's recovery code`() {
        let what = "the recovery code does not belong to its author"
        #expect(story.then(ana, .slot(ana, 1, .useRecovery)).fault == nil)
        #expect(
            story.then(ana, .slot(ana, 9, .useRecovery)).fault == .contradiction(seq: 15, what: what))
        #expect(
            story.then(ana, .slot(ben, 9)).then(ana, .slot(ben, 9, .useRecovery)).fault
                == .contradiction(seq: 16, what: what))
    }

    @Test func `rejects a second vault.create, and a ledger without one`() {
        #expect(
            story.then(ana, .found(ana)).fault
                == .contradiction(seq: 15, what: "the vault was already created"))
        #expect(TestLedger().fault == .noBeginning)
        #expect(
            TestLedger().then(ana, .owner(.createConnection)).fault
                == .contradiction(seq: 0, what: "the first entry must create the vault"))
        #expect(TestLedger().then(ana, .found(ben)).fault == .unknownAuthor(seq: 0, name: "ana"))
        #expect(
            TestLedger().then(ana, .found(ana), signedBy: ben).fault == .badSignature(size: 1, name: "ana"))
    }

    @Test func `rejects the removal of the last admin`() {
        let what = "no admin would remain"
        #expect(story.then(ana, .role(ana, .user)).fault == .contradiction(seq: 15, what: what))
        #expect(
            story.then(ana, EntryDraft(.removeMember, ana.object)).fault
                == .contradiction(seq: 15, what: what))
        #expect(
            story.then(ana, .role(ben, .admin)).then(ben, EntryDraft(.removeMember, ana.object)).fault == nil)
    }

    @Test func `rejects duplicate, unknown and malformed members`() {
        func fault(_ draft: EntryDraft) -> LedgerError? { story.then(ana, draft).fault }
        let eve = Person("eve")
        #expect(fault(.add(ben, .admin)) == .contradiction(seq: 15, what: "the member already exists"))
        #expect(fault(.add(eve, .user)) == nil)
        var draft = EntryDraft.add(eve, .user)
        draft.change.details["role"] = "root"
        #expect(fault(draft) == .malformedEntry(seq: 15))
        draft = EntryDraft.role(ben, .user)
        draft.change.details["role"] = "root"
        #expect(fault(draft) == .malformedEntry(seq: 15))
        for name in ["", "Eve", "e ve", "e+ve", "ève", "e\nve", String(repeating: "e", count: 65)] {
            draft = EntryDraft.add(Person(name), .user)
            #expect(fault(draft) == .malformedEntry(seq: 15))
        }
        #expect(fault(.add(Person(String(repeating: "e", count: 64)), .user)) == nil)
        #expect(fault(.add(Person("a.b_c-9"), .user)) == nil)
        #expect(fault(.role(eve, .user)) == .contradiction(seq: 15, what: "the member does not exist"))
    }

    @Test("rejects a member, slot or epoch under another name (case 103)")
    func otherNames() {
        func fault(
            _ action: Action, _ id: Identifier?, _ kind: Entry.Object.Kind, _ name: String,
            _ draft: EntryDraft
        )
            -> LedgerError?
        { story.then(ana, EntryDraft(action, Entry.Object(kind, id: id, name: name), draft.change)).fault }
        let member = LedgerError.contradiction(seq: 15, what: "it names another member")
        let eve = Person("eve")
        #expect(fault(.addMember, eve.id, .member, "mallory", .add(eve, .user)) == member)
        #expect(fault(.addMember, ben.id, .member, "eve", .add(eve, .user)) == member)
        #expect(fault(.changeRole, ben.id, .member, "cora", .role(ben, .writer)) == member)
        #expect(
            fault(.removeMember, ben.id, .member, "cora", EntryDraft(.removeMember, ben.object)) == member)
        #expect(fault(.addSlot, ben.id, .member, "cora", .slot(ben, 9)) == member)
        let epoch = LedgerError.contradiction(seq: 15, what: "it names another epoch")
        #expect(fault(.beginEpoch, nil, .key, "epoch 4", .begin(3)) == epoch)
    }

    @Test func `rejects malformed and unknown connectors`() {
        func fault(_ draft: EntryDraft) -> LedgerError? { story.then(ana, draft).fault }
        var draft = EntryDraft.connector("other")
        draft.change.details["digest"] = "00"
        #expect(fault(draft) == .malformedEntry(seq: 15))
        #expect(
            fault(.connector("other", .removeConnector))
                == .contradiction(seq: 15, what: "the connector does not exist"))
    }

    @Test func `rejects a change without its state`() {
        var draft = EntryDraft.owner(.editConnection)
        draft.change.state = nil
        #expect(
            story.then(cora, draft).fault
                == .malformedEntry(seq: 15))
    }

    @Test func `rejects a state in an action that records none`() {
        // Otherwise an auditor, who may record a refusal, could sign an older state of an owner.
        let owner = EntryDraft.owner(.editConnection)
        for action in [Action.refused, .execConnection, .verifySecret] {
            #expect(
                story.then(ana, EntryDraft(action, owner.object, owner.change)).fault
                    == .malformedEntry(seq: 15))
        }
    }

    @Test func `rejects an action on the wrong kind of object`() {
        for action in Action.allCases where action != .refused {
            for kind in Entry.Object.Kind.allCases where !action.objects.contains(kind) {
                #expect(
                    story.then(ana, EntryDraft(action, Entry.Object(kind, id: ana.id, name: "x"))).fault
                        == .malformedEntry(seq: 15))
            }
        }
    }

    @Test func `rejects a head of another vault`() {
        let other = TestLedger().then(ben, .found(ben))
        let head = Checkpoint(
            vault: Digest.sha256(other.entries[0]), size: 9,
            root: CompactRange(of: story.entries.prefix(9)).root)
        let note = head.signed(by: ben.identity, name: "ben").encoded
        #expect(story.tampered { $0.heads[4].note = note }.fault == .otherVault(size: 9))
        #expect(story.tampered { $0.entries[0] = other.entries[0] }.fault == .mixedAuthors(seq: 1))
    }

    @Test func `keeps the last verified state after a fault`() throws {
        var verifier = try story.verify()
        let before = verifier
        let bad = story.then(ana, .begin(9))
        try verifier.add(bad.entries[15])
        #expect(throws: LedgerError.self) { try verifier.close(with: bad.heads[11].note) }
        #expect(verifier.range == before.range)
        #expect(verifier.state == before.state)
        #expect(verifier.reached.size == 16)
    }
}

extension CompactRange {
    init(of entries: some Sequence<[UInt8]>) {
        self.init()
        for entry in entries { append(TreeHash.leaf(entry)) }
    }
}
