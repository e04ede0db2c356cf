import Testing
import VaultCrypto

@testable import VaultLedger

/// Each way to forge a ledger, and the fault that names its first bad entry. Entry 6 is the first under a head of its
/// own: entries 0 to 2 and 3 to 5 stand under the heads of 3 and 6.
struct TamperingTests {
    private let story = TestLedger.story()
    private let ana = TestLedger.ana
    private let ben = TestLedger.ben
    private let cora = TestLedger.cora
    private let dan = TestLedger.dan

    // case 46
    @Test func `an edited entry`() {
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
    @Test func `removed, moved and doubled entries`() {
        #expect(story.tampered { $0.entries.remove(at: 7) }.fault == .outOfOrder(expected: 7, found: 8))
        #expect(story.tampered { $0.entries.swapAt(7, 8) }.fault == .outOfOrder(expected: 7, found: 8))
        #expect(
            story.tampered { $0.entries.insert($0.entries[7], at: 8) }.fault
                == .outOfOrder(expected: 8, found: 7))
        #expect(story.tampered { $0.entries.removeFirst() }.fault == .outOfOrder(expected: 0, found: 1))
    }

    // case 46
    @Test func `an entry put in another's place with the right number`() {
        var forged = Entry(bytes: story.entries[7])!
        forged.seq = 8
        #expect(story.tampered { $0.entries[8] = forged.bytes }.fault == .altered(from: 8, size: 9))
    }

    // case 45
    @Test func `a tail cut off under its heads`() {
        #expect(story.tampered { $0.entries.removeLast(3) }.fault == .headOutOfPlace(size: 13, entries: 12))
        #expect(story.tampered { $0.entries.removeAll() }.fault == .headOutOfPlace(size: 3, entries: 0))
    }

    // case 45
    @Test func `a tail cut off with its heads is whole by itself, and shorter than what was seen`() throws {
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
        #expect(throws: LedgerFault.headOutOfPlace(size: 12, entries: 15)) {
            var verifier = seen
            try verifier.close(with: cut.heads.last!.note)
        }
    }

    // case 45
    @Test func `a tail that was rewritten after it was seen`() throws {
        let cut = story.tampered { ledger in
            ledger.entries.removeLast()
            ledger.heads.removeLast()
        }
        let rewritten = cut.then(dan, .slot(dan, 9)).then(dan, .slot(dan, 10))
        #expect(rewritten.fault == nil)
        let seen = try story.verify()
        #expect(throws: LedgerFault.altered(from: 15, size: 16)) {
            try rewritten.verify(
                from: LedgerVerifier(vault: seen.vault!, range: seen.range, state: seen.state))
        }
    }

    // case 48
    @Test func `an entry under another member's name`() {
        #expect(
            story.then(ana, .begin(3), signedBy: cora).fault == .badSignature(size: 16, name: "ana"))
        // Cora's key under Ana's name, and Ana's name with Cora's identifier.
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

    @Test func `a head under somebody else's signature, or none`() {
        let stolen = story.tampered { $0.heads[4].note = $0.head(by: TestLedger.cora, size: 9).encoded }
        #expect(stolen.fault == .badSignature(size: 9, name: "ben"))
        #expect(story.tampered { $0.heads[4].note = "" }.fault == .malformedHead(size: 9))
        let bare = SignedNote(text: "not a checkpoint\n", signatures: story.head(by: ben).signatures)
        #expect(story.tampered { $0.heads[4].note = bare.encoded }.fault == .malformedHead(size: 9))
    }

    @Test func `an author who was never a member, or is none any more`() {
        let eve = Person("eve")
        #expect(story.then(eve, .owner(.createConnection)).fault == .unknownAuthor(seq: 15, name: "eve"))
        let left = story.then(ana, Deed(.removeMember, cora.object))
        #expect(left.then(cora, .owner(.setSecret)).fault == .unknownAuthor(seq: 16, name: "cora"))
        // Nobody signs themselves in.
        #expect(story.then(eve, .add(eve, .admin)).fault == .unknownAuthor(seq: 15, name: "eve"))
    }

    @Test func `an action that the role does not allow`() {
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
        // A role counts as of its own place: Ben was a user before he was an auditor.
        #expect(
            story.then(ana, .role(ben, .auditor)).then(ben, .owner(.execConnection)).fault
                == .notAllowed(seq: 16, name: "ben", role: .auditor, action: .execConnection))
    }

    // case 47
    @Test func `two checkpoints of one size are a fork`() throws {
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

    @Test func `a tail that was never signed`() {
        #expect(
            story.tampered { $0.append(TestLedger.ben, [.owner(.execConnection)]) }.fault
                == .unsigned(from: 15))
        #expect(story.tampered { $0.heads.removeLast(2) }.fault == .mixedAuthors(seq: 14))
        #expect(story.tampered { $0.heads.removeLast() }.fault == .unsigned(from: 14))
    }

    @Test func `a head that is missing between two transactions of one author`() {
        let ledger = story.then(ben, .owner(.execConnection)).then(ben, .owner(.verifySecret))
        #expect(ledger.fault == nil)
        for place in ledger.heads.indices {
            #expect(ledger.tampered { $0.heads.remove(at: place) }.fault != nil, "head \(place)")
        }
        #expect(ledger.tampered { $0.heads.remove(at: 11) }.fault == .mixedOperations(seq: 16))
    }

    @Test func `two authors under one head`() {
        let mixed = story.tampered { ledger in
            ledger.append(TestLedger.ben, [.owner(.execConnection)])
            ledger.append(TestLedger.cora, [.owner(.setSecret)])
            ledger.sign(TestLedger.cora)
        }
        #expect(mixed.fault == .mixedAuthors(seq: 16))
    }

    // case 27
    @Test func `a forged rotation`() {
        func fault(_ deeds: Deed...) -> LedgerFault? { story.tampered { $0.commit(ana, deeds) }.fault }
        #expect(
            fault(.begin(3), .begin(4))
                == .contradiction(seq: 16, what: "a rotation before the last one had ended"))
        #expect(
            fault(.retire(1)) == .contradiction(seq: 15, what: "the end of a rotation that was not going on"))
        #expect(
            fault(.begin(3), .retire(1))
                == .contradiction(seq: 16, what: "the end of a rotation that was not going on"))
        #expect(
            fault(.begin(3), .retire(3))
                == .contradiction(seq: 16, what: "the end of a rotation that was not going on"))
        for number: UInt64 in [1, 2, 4] {
            #expect(fault(.begin(number)) == .contradiction(seq: 15, what: "an epoch out of turn"))
        }
        for broken in ["commitment", "deposit_key"] {
            var deed = Deed.begin(3)
            deed.change.details[broken] = "00"
            #expect(fault(deed) == .malformedEntry(seq: 15))
        }
        var nameless = Deed.begin(3)
        nameless.change.details["epoch"] = 0
        #expect(fault(nameless) == .malformedEntry(seq: 15))
        #expect(fault(.begin(3), .retire(2), .begin(4)) == nil)
    }

    @Test func `slots of somebody else, twice, and none`() {
        func fault(_ person: Person, _ deed: Deed) -> LedgerFault? { story.then(person, deed).fault }
        #expect(fault(ben, .slot(ana, 9)) == .contradiction(seq: 15, what: "a slot of somebody else"))
        #expect(
            fault(ben, .slot(ana, 1, .removeSlot)) == .contradiction(seq: 15, what: "a slot of somebody else")
        )
        #expect(fault(ana, .slot(ben, 9)) == nil)
        #expect(fault(ben, .slot(ben, 1)) == .contradiction(seq: 15, what: "a slot that is there already"))
        #expect(
            fault(ben, .slot(ben, 8, .removeSlot))
                == .contradiction(seq: 15, what: "the removal of a slot that was not there"))
        #expect(
            fault(ana, .slot(Person("eve"), 9)) == .contradiction(seq: 15, what: "a member who is not there"))
        #expect(
            fault(ana, Deed(.addSlot, ana.object))
                == .malformedEntry(seq: 15))
    }

    @Test func `anything but a new passphrase, by a member whose first one is another's choice`() {
        var first = Deed.slot(ben, 9)
        first.change.details["temporary"] = true
        let marked = story.then(ana, first)
        let what = "something else than a new passphrase, where the first one is still another's choice"
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

    @Test func `the use of a recovery code that is not the member's`() {
        let what = "the use of a recovery code that is not the member's"
        #expect(story.then(ana, .slot(ana, 1, .useRecovery)).fault == nil)
        #expect(
            story.then(ana, .slot(ana, 9, .useRecovery)).fault == .contradiction(seq: 15, what: what))
        #expect(
            story.then(ana, .slot(ben, 9)).then(ana, .slot(ben, 9, .useRecovery)).fault
                == .contradiction(seq: 16, what: what))
    }

    @Test func `a second beginning, or none`() {
        #expect(
            story.then(ana, .found(ana)).fault
                == .contradiction(seq: 15, what: "a second beginning of the vault"))
        #expect(TestLedger().fault == .noBeginning)
        #expect(
            TestLedger().then(ana, .owner(.createConnection)).fault
                == .contradiction(seq: 0, what: "a vault without a beginning"))
        #expect(TestLedger().then(ana, .found(ben)).fault == .unknownAuthor(seq: 0, name: "ana"))
        #expect(
            TestLedger().then(ana, .found(ana), signedBy: ben).fault == .badSignature(size: 1, name: "ana"))
    }

    @Test func `the last admin stays`() {
        let what = "the last admin's end"
        #expect(story.then(ana, .role(ana, .user)).fault == .contradiction(seq: 15, what: what))
        #expect(story.then(ana, Deed(.removeMember, ana.object)).fault == .contradiction(seq: 15, what: what))
        #expect(story.then(ana, .role(ben, .admin)).then(ben, Deed(.removeMember, ana.object)).fault == nil)
    }

    @Test func `members who cannot be`() {
        func fault(_ deed: Deed) -> LedgerFault? { story.then(ana, deed).fault }
        let eve = Person("eve")
        #expect(fault(.add(ben, .admin)) == .contradiction(seq: 15, what: "a member who is there already"))
        #expect(fault(.add(eve, .user)) == nil)
        var deed = Deed.add(eve, .user)
        deed.change.details["role"] = "root"
        #expect(fault(deed) == .malformedEntry(seq: 15))
        deed = Deed.role(ben, .user)
        deed.change.details["role"] = "root"
        #expect(fault(deed) == .malformedEntry(seq: 15))
        for name in ["", "Eve", "e ve", "e+ve", "ève", "e\nve", String(repeating: "e", count: 65)] {
            deed = Deed.add(Person(name), .user)
            #expect(fault(deed) == .malformedEntry(seq: 15))
        }
        #expect(fault(.add(Person(String(repeating: "e", count: 64)), .user)) == nil)
        #expect(fault(.add(Person("a.b_c-9"), .user)) == nil)
        #expect(fault(.role(eve, .user)) == .contradiction(seq: 15, what: "a member who is not there"))
    }

    @Test("a member, slot or epoch under the name of another one (case 103)")
    func otherNames() {
        func fault(
            _ action: Action, _ id: Identifier?, _ kind: Entry.Object.Kind, _ name: String, _ deed: Deed
        )
            -> LedgerFault?
        { story.then(ana, Deed(action, Entry.Object(kind, id: id, name: name), deed.change)).fault }
        let member = LedgerFault.contradiction(seq: 15, what: "a member under another one's name")
        let eve = Person("eve")
        #expect(fault(.addMember, eve.id, .member, "mallory", .add(eve, .user)) == member)
        #expect(fault(.addMember, ben.id, .member, "eve", .add(eve, .user)) == member)
        #expect(fault(.changeRole, ben.id, .member, "cora", .role(ben, .writer)) == member)
        #expect(fault(.removeMember, ben.id, .member, "cora", Deed(.removeMember, ben.object)) == member)
        #expect(fault(.addSlot, ben.id, .member, "cora", .slot(ben, 9)) == member)
        let epoch = LedgerFault.contradiction(seq: 15, what: "an epoch under another one's name")
        #expect(fault(.beginEpoch, nil, .key, "epoch 4", .begin(3)) == epoch)
    }

    @Test func `connectors that cannot be`() {
        func fault(_ deed: Deed) -> LedgerFault? { story.then(ana, deed).fault }
        var deed = Deed.connector("other")
        deed.change.details["digest"] = "00"
        #expect(fault(deed) == .malformedEntry(seq: 15))
        #expect(
            fault(.connector("other", .removeConnector))
                == .contradiction(seq: 15, what: "the removal of a connector that was not there"))
    }

    @Test func `a change that does not say what it led to`() {
        var deed = Deed.owner(.editConnection)
        deed.change.state = nil
        #expect(
            story.then(cora, deed).fault
                == .malformedEntry(seq: 15))
    }

    @Test func `a state told by an action that changes none`() {
        // An auditor may say that something was refused; they could otherwise sign an owner's older state.
        let owner = Deed.owner(.editConnection)
        for action in [Action.refused, .execConnection, .verifySecret] {
            #expect(
                story.then(ana, Deed(action, owner.object, owner.change)).fault
                    == .malformedEntry(seq: 15))
        }
    }

    @Test func `an action on the wrong kind of thing`() {
        for action in Action.allCases where action != .refused {
            for kind in Entry.Object.Kind.allCases where !action.objects.contains(kind) {
                #expect(
                    story.then(ana, Deed(action, Entry.Object(kind, id: ana.id, name: "x"))).fault
                        == .malformedEntry(seq: 15))
            }
        }
    }

    @Test func `a head of another vault`() {
        let other = TestLedger().then(ben, .found(ben))
        let head = Checkpoint(
            vault: Digest.sha256(other.entries[0]), size: 9,
            root: CompactRange(of: story.entries.prefix(9)).root)
        let note = head.signed(by: ben.identity, name: "ben").encoded
        #expect(story.tampered { $0.heads[4].note = note }.fault == .otherVault(size: 9))
        #expect(story.tampered { $0.entries[0] = other.entries[0] }.fault == .mixedAuthors(seq: 1))
    }

    @Test func `a fault leaves what was verified before it`() throws {
        var verifier = try story.verify()
        let before = verifier
        let bad = story.then(ana, .begin(9))
        try verifier.add(bad.entries[15])
        #expect(throws: LedgerFault.self) { try verifier.close(with: bad.heads[11].note) }
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
