import Testing
import VaultCrypto

@testable import VaultLedger

/// What entries may say of owners and of their secrets' sealed bytes (docs/format.md, section 9), to a reader of the whole
/// ledger and to one that goes on from any head.
struct SecretReplayTests {
    private static let (ana, ben) = (TestLedger.ana, TestLedger.ben)

    private static func digest(_ number: UInt8) -> Hash { Hash([UInt8](repeating: number, count: 32))! }

    /// A secret as a state has it: sealed bytes by a number, 0 for those of an older program.
    private static func secret(
        _ bytes: UInt8, version: UInt64 = 1, epoch: UInt64 = 1, label: SecretLabel = .current,
        isDeposit: Bool = false
    ) -> OwnerState.Secret {
        let digest = bytes == 0 ? nil : digest(bytes).bytes
        return OwnerState.Secret(
            field: "app-key", version: version, label: label, epoch: bytes == 0 ? nil : epoch,
            sealed: isDeposit ? nil : digest, deposit: isDeposit ? digest : nil,
            keepUntil: label == .previous ? Timestamp(text: "2027-01-01T00:00:00Z") : nil)
    }

    private static func owner(
        _ action: Action, _ number: UInt8 = 1, _ secrets: OwnerState.Secret..., kind: Entry.Object.Kind? = nil
    ) -> Deed {
        var deed = Deed.owner(action, number, kind: kind)
        if action.leadsToState { deed.change.state?.secrets = secrets }
        return deed
    }

    private static func item(_ bytes: UInt8, _ number: UInt8 = 1, version: UInt64 = 1, epoch: UInt64 = 1)
        -> DigestList.Item
    {
        DigestList.Item(
            owner: OwnerKey(bytes: [UInt8](repeating: number, count: 16))!, field: "app-key",
            version: version, epoch: epoch, digest: digest(bytes))
    }

    private static func list(_ action: Action, epoch: UInt64 = 2, _ list: [UInt8], count: Int) -> Deed {
        var details: JSON.Members = [
            "list": .string(Hex.encode(Digest.sha256(list))), "secrets": .integer(Int64(count)),
        ]
        if action == .resealSecrets { details["epoch"] = .integer(Int64(epoch)) }
        let object =
            action == .resealSecrets
            ? Entry.Object(.key, name: "epoch \(epoch)") : Entry.Object(.vault, name: "vault")
        return Deed(action, object, Change(details: details))
    }

    private static func begun(_ format: JSON = 2) -> TestLedger {
        var found = Deed.found(ana)
        found.change.details["format"] = format
        return TestLedger().then(ana, found, .slot(ana, 1), .begin(1), .add(ben, .user))
    }

    /// Connection 1 with a seal, 2 with a seal and a pending one, client 3 with a deposit.
    private static let ledger = begun().then(
        ben, owner(.createConnection, 1, secret(1)), owner(.createConnection, 2, secret(2)),
        owner(.startRotation, 2, secret(2), secret(3, version: 2, label: .pending)),
        owner(.createClient, 3, secret(4, isDeposit: true), kind: .client))

    /// The fault that a reader of all of it finds, which is the one that each reader from an earlier head finds.
    private func fault(_ ledger: TestLedger) throws -> LedgerFault? {
        let whole = ledger.fault
        for head in ledger.heads.dropLast() {
            var start = ledger
            start.entries = Array(ledger.entries.prefix(Int(head.size)))
            start.heads = ledger.heads.filter { $0.size <= head.size }
            guard let before = try? start.verify() else { break }
            let verifier = LedgerVerifier(
                vault: before.vault!, range: before.range, state: before.state,
                history: TestHistory(before.owners, lists: ledger.lists))
            do throws(LedgerFault) {
                let after = try ledger.verify(from: verifier)
                #expect(whole == nil)
                #expect(try after.state == ledger.verify().state)
            } catch {
                #expect(error == whole)
            }
        }
        return whole
    }

    private func expectRefused(_ what: String, _ ledger: TestLedger, _ note: Comment? = nil) throws {
        let found = try fault(ledger)
        guard case .contradiction(_, let text)? = found else {
            Issue.record("\(String(describing: found)) \(note ?? "")")
            return
        }
        #expect(text == what, note)
    }

    @Test("counts what is sealed under each epoch, and what is not covered")
    func counts() throws {
        #expect(try fault(Self.ledger) == nil)
        let counts = try #require(try Self.ledger.verify().state.secrets)
        #expect(counts.isCovered && counts.uncovered == 0 && counts.secrets(under: 1) == 4)
        let old = Self.begun(1).then(Self.ben, Self.owner(.createConnection, 1, Self.secret(0)))
        #expect(try old.verify().state.secrets?.uncovered == 1)
        #expect(try old.verify().state.secrets?.isCovered == false)
    }

    @Test("refuses an entry about an owner that is not there, was removed, or is of the other kind (case 98)")
    func owners() throws {
        let ledger = Self.ledger
        let missing = "a connection or client that is not there"
        for action in Action.allCases
        where action.objects.contains(.connection) && action != .refused && !action.isCreation {
            let deed = Self.owner(action, 9, kind: .connection)
            try expectRefused(missing, ledger.then(Self.ana, deed), "\(action)")
        }
        try expectRefused(missing, ledger.then(Self.ana, Self.owner(.removeClient, 9, kind: .client)))
        try expectRefused(
            "a connection or client that is there already",
            ledger.then(Self.ben, Self.owner(.createConnection, 1, Self.secret(9))))
        try expectRefused(
            "a connection as a client, or the reverse",
            ledger.then(Self.ben, Self.owner(.editClient, 1, Self.secret(9, version: 2), kind: .client)))
        let removed = ledger.then(Self.ben, Self.owner(.removeConnection, 1))
        #expect(try fault(removed) == nil)
        #expect(try removed.verify().state.secrets?.secrets(under: 1) == 3)
        for action in [Action.execConnection, .removeConnection, .allowUses] {
            try expectRefused(
                "a connection or client that was removed", removed.then(Self.ana, Self.owner(action, 1)))
        }
        try expectRefused(
            "a connection or client that is there already",
            removed.then(Self.ben, Self.owner(.createConnection, 1, Self.secret(1))))
        // A proxy may outlive its connection, and what was refused may be about anything.
        #expect(try fault(removed.then(Self.ben, Self.owner(.proxyConnection, 1))) == nil)
        let refused = Deed(
            .refused, Entry.Object(.connection, id: Self.ben.id, name: "x"),
            Change(details: ["what": "open", "why": "role"]))
        #expect(try fault(ledger.then(Self.ben, refused)) == nil)
    }

    @Test("refuses other sealed bytes of a version that was there, by every action (case 112)")
    func exchanges() throws {
        let other = "other sealed bytes of a secret than those before"
        for action in Action.allCases
        where action.leadsToState && !action.isCreation && !action.isRemoval && action.objects.contains(.connection)
        {
            for changed in [
                Self.secret(9), Self.secret(1, isDeposit: true), Self.secret(0), Self.secret(1, epoch: 2),
            ] {
                let deed = Self.owner(action, 1, changed, kind: .connection)
                try expectRefused(other, Self.ledger.then(Self.ana, deed), "\(action)")
            }
            #expect(
                try fault(Self.ledger.then(Self.ana, Self.owner(action, 1, Self.secret(1), kind: .connection)))
                    == nil)
        }
    }

    @Test("takes new versions by what brings them, in their order, under the present master key")
    func newVersions() throws {
        let (ben, ledger) = (Self.ben, Self.ledger)
        func change(_ action: Action, _ secrets: OwnerState.Secret...) -> TestLedger {
            var deed = Self.owner(action, 1)
            deed.change.state?.secrets = secrets
            return ledger.then(Self.ana, deed)
        }
        let (old, new) = (Self.secret(1), Self.secret(9, version: 2, label: .pending))
        for action in [Action.annotateConnection, .allowUses, .finishRotation, .testRotation, .rollBackSecret] {
            try expectRefused("a new secret that this action cannot bring", change(action, old, new))
        }
        for action in [Action.setSecret, .startRotation, .editConnection] {
            #expect(try fault(change(action, old, new)) == nil)
            try expectRefused(
                "a secret under another master key than the present one",
                change(action, old, Self.secret(9, version: 2, epoch: 7, label: .pending)))
            try expectRefused(
                "a secret without its epoch and digest",
                change(action, old, Self.secret(0, version: 2, label: .pending)))
        }
        let newer = ledger.then(ben, Self.owner(.setSecret, 1, Self.secret(8, version: 5)))
        #expect(try fault(newer) == nil)
        try expectRefused(
            "a new secret that is not the newest",
            newer.then(ben, Self.owner(.setSecret, 1, Self.secret(7, version: 4))))
    }

    @Test("seals deposits, and nothing else, by secret.seal")
    func deposits() throws {
        func seal(_ number: UInt8, _ secret: OwnerState.Secret, _ kind: Entry.Object.Kind) -> TestLedger {
            Self.ledger.then(Self.ben, Self.owner(.sealDeposit, number, secret, kind: kind))
        }
        #expect(try fault(seal(3, Self.secret(9), .client)) == nil)
        try expectRefused(
            "other sealed bytes of a secret than those before",
            seal(3, Self.secret(9, isDeposit: true), .client))
        try expectRefused(
            "other sealed bytes of a secret than those before", seal(1, Self.secret(9), .connection))
        try expectRefused(
            "a secret under another master key than the present one",
            seal(3, Self.secret(9, epoch: 2), .client))
        try expectRefused("a secret without its epoch and digest", seal(3, Self.secret(0), .client))
    }

    // The rotation of a master key.

    private static let rotating = ledger.then(
        ben, owner(.sealDeposit, 3, secret(5), kind: .client)
    ).then(ana, .begin(2))

    private static func then(
        _ ledger: TestLedger, _ action: Action, by author: Person = ana, epoch: UInt64 = 2,
        _ items: [DigestList.Item], list: [UInt8]? = nil, count: Int? = nil
    ) -> TestLedger {
        var ledger = ledger
        let bytes = list ?? DigestList.encode(items)
        ledger.lists[UInt64(ledger.entries.count)] = bytes
        return ledger.then(author, Self.list(action, epoch: epoch, bytes, count: count ?? items.count))
    }

    private static let all = [
        item(11, epoch: 2), item(12, 2, epoch: 2), item(13, 2, version: 2, epoch: 2), item(14, 3, epoch: 2),
    ]

    @Test("retires a master key when every secret was sealed again, and not before (case 97)")
    func retiring() throws {
        var ledger = Self.rotating
        for item in Self.all {
            try expectRefused(
                "the end of a master key that secrets are still sealed under", ledger.then(Self.ana, .retire(1)))
            ledger = Self.then(ledger, .resealSecrets, [item])
            #expect(try fault(ledger) == nil)
        }
        let ended = ledger.then(Self.ana, .retire(1))
        #expect(try fault(ended) == nil)
        let counts = try #require(try ended.verify().state.secrets)
        #expect(counts.epochs.map(\.number) == [2] && counts.secrets(under: 2) == 4 && counts.lists.count == 4)
        // From then on the digests of the lists are those before.
        #expect(
            try fault(ended.then(Self.ana, Self.owner(.allowUses, 1, Self.secret(11, epoch: 2)))) == nil)
        try expectRefused(
            "other sealed bytes of a secret than those before",
            ended.then(Self.ana, Self.owner(.allowUses, 1, Self.secret(1))))
    }

    @Test("seals each secret again once in a rotation, and only what is under the old key")
    func resealing() throws {
        let (rotating, reseal) = (Self.rotating, Action.resealSecrets)
        let notOld = "a secret sealed again that is not under the retiring master key"
        let once = Self.then(rotating, reseal, [Self.all[0]])
        try expectRefused(notOld, Self.then(once, reseal, [Self.item(15, epoch: 2)]))
        try expectRefused(
            "a secret sealed again under an old master key", Self.then(rotating, reseal, [Self.item(15)]))
        try expectRefused(
            "secrets sealed again outside of a rotation", Self.then(Self.ledger, reseal, [Self.all[0]]))
        for epoch in [1, 3] as [UInt64] {
            try expectRefused(
                "secrets sealed again under another master key than the present one",
                Self.then(rotating, reseal, epoch: epoch, [Self.all[0]]))
        }
        for missing in [Self.item(15, 9, epoch: 2), Self.item(15, version: 2, epoch: 2)] {
            try expectRefused("a digest of a secret that is not there", Self.then(rotating, reseal, [missing]))
        }
        let deposit = Self.ledger.then(Self.ana, .begin(2))
        try expectRefused(notOld, Self.then(deposit, reseal, [Self.all[3]]))
        #expect(
            try fault(Self.then(rotating, reseal, by: Self.ben, [Self.all[0]]))
                == .notAllowed(seq: 10, name: "ben", role: .user, action: reseal))
    }

    @Test("refuses a digest list that is missing, altered, or in another form")
    func lists() throws {
        let good = DigestList.encode(Self.all)
        let gone = "a digest list that is not there, or was altered"
        var ledger = Self.then(Self.rotating, .resealSecrets, Self.all)
        ledger.lists = [:]
        try expectRefused(gone, ledger)
        ledger = Self.then(Self.rotating, .resealSecrets, Self.all)
        ledger.lists[10]![40] ^= 1
        try expectRefused(gone, ledger)
        let one = DigestList.encode([Self.all[0]])
        let twice = PAE.encode(
            DigestList.encode([Self.all[0]]).suffix(from: 16).withPieces + one.suffix(from: 16).withPieces)
        for bytes in [[], Array(good.dropLast()), good + [0], twice, PAE.encode([.text("x")])] {
            try expectRefused(
                "a digest list that is none",
                Self.then(Self.rotating, .resealSecrets, Self.all, list: bytes))
        }
        try expectRefused(
            "a digest list that is none", Self.then(Self.rotating, .resealSecrets, Self.all, count: 3))
        #expect(DigestList(good)?.items.count == 4)
        #expect(DigestList(DigestList.encode([])) == DigestList([UInt8](repeating: 0, count: 8)))
    }

    // Vaults of older programs.

    private static let old = begun(1).then(
        ben, owner(.createConnection, 1, secret(0)), owner(.createConnection, 2, secret(0)),
        owner(.createConnection, 4, secret(0)))

    @Test("covers once what an older program has sealed, and asks for a digest from then on")
    func covering() throws {
        let (ben, cover) = (Self.ben, Action.coverSecrets)
        #expect(try fault(Self.old.then(ben, Self.owner(.setSecret, 4, Self.secret(0, version: 2)))) == nil)
        let covered = Self.then(Self.old, cover, by: ben, [Self.item(1), Self.item(2, 2)])
        #expect(try fault(covered) == nil)
        let counts = try #require(try covered.verify().state.secrets)
        #expect(counts.isCovered && counts.uncovered == 1 && counts.secrets(under: 1) == 2)
        try expectRefused(
            "a second digest of a secret", Self.then(covered, cover, by: ben, [Self.item(9)]))
        try expectRefused(
            "a secret without its epoch and digest",
            covered.then(ben, Self.owner(.setSecret, 1, Self.secret(0, version: 2))))
        // What was left out stays as it is, and keeps its master key, until it goes or is covered after all.
        #expect(try fault(covered.then(ben, Self.owner(.annotateConnection, 4, Self.secret(0)))) == nil)
        let rotating = Self.then(
            covered.then(Self.ana, .begin(2)), .resealSecrets,
            [Self.item(11, epoch: 2), Self.item(12, 2, epoch: 2)])
        try expectRefused(
            "the end of a master key that secrets are still sealed under", rotating.then(Self.ana, .retire(1)))
        #expect(
            try fault(
                rotating.then(ben, Self.owner(.setSecret, 4, Self.secret(9, version: 2, epoch: 2))).then(
                    Self.ana, .retire(1))) == nil)
        #expect(try fault(Self.then(rotating, cover, by: ben, [Self.item(9, 4, epoch: 1)])) == nil)
        for epoch in [3, 7] as [UInt64] {
            try expectRefused(
                "a secret under a master key that is not in use",
                Self.then(rotating, cover, by: ben, [Self.item(9, 4, epoch: epoch)]))
        }
        // A vault without secrets is covered by an empty list.
        let empty = Self.then(Self.begun(1), cover, by: ben, [])
        #expect(try empty.verify().state.secrets?.isCovered == true)
    }

    @Test("covers a deposit of an older program as the one that was deposited")
    func coveringDeposits() throws {
        var deposit = Self.secret(4, isDeposit: true)
        deposit.epoch = nil
        let ledger = Self.begun(1).then(Self.ben, Self.owner(.createConnection, 1, deposit))
        #expect(try ledger.verify().state.secrets?.uncovered == 1)
        try expectRefused(
            "another deposit than the one before", Self.then(ledger, .coverSecrets, [Self.item(5)]))
        let covered = Self.then(ledger, .coverSecrets, [Self.item(4)])
        #expect(try fault(covered) == nil)
        #expect(
            try fault(covered.then(Self.ben, Self.owner(.sealDeposit, 1, Self.secret(6)))) == nil)
        // An older program has sealed it without a digest.
        #expect(try fault(ledger.then(Self.ben, Self.owner(.sealDeposit, 1, Self.secret(0)))) == nil)
    }

    @Test("refuses a format that is not known")
    func formats() {
        for format in [0, 3, 9] as [JSON] {
            #expect(Self.begun(format).fault == .malformedEntry(seq: 0))
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withPieces: [PAE.Piece] { [.bytes(Array(self))] }
}
