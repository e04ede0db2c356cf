import Testing
import VaultCrypto

@testable import VaultLedger

/// Digest lists in replay: of a rotation of the master key, and of a vault that an older program wrote.
struct ListReplayTests {
    @Test("retires a master key only after every secret was resealed (case 97)")
    func retiring() throws {
        var ledger = SecretLedger.rotating
        for item in SecretLedger.all {
            try SecretLedger.expectRefused(
                "secrets are still sealed under this master key",
                ledger.then(SecretLedger.ana, .retire(1)))
            ledger = SecretLedger.then(ledger, .resealSecrets, [item])
            #expect(try SecretLedger.fault(ledger) == nil)
        }
        let ended = ledger.then(SecretLedger.ana, .retire(1))
        #expect(try SecretLedger.fault(ended) == nil)
        let counts = try #require(try ended.verify().state.secrets)
        #expect(
            counts.epochs.map(\.number) == [2] && counts.secrets(under: 2) == 4 && counts.lists.count == 4)
        // From then on, the listed digests are in force.
        #expect(
            try SecretLedger.fault(
                ended.then(
                    SecretLedger.ana, SecretLedger.owner(.allowUses, 1, SecretLedger.secret(11, epoch: 2))))
                == nil)
        try SecretLedger.expectRefused(
            "it replaces the sealed bytes of an existing secret",
            ended.then(SecretLedger.ana, SecretLedger.owner(.allowUses, 1, SecretLedger.secret(1))))
    }

    @Test("reseals each secret once in a rotation, and only from the retiring key")
    func resealing() throws {
        let (rotating, reseal) = (SecretLedger.rotating, Action.resealSecrets)
        let notOld = "it reseals a secret that is not under the retiring master key"
        let once = SecretLedger.then(rotating, reseal, [SecretLedger.all[0]])
        try SecretLedger.expectRefused(
            notOld, SecretLedger.then(once, reseal, [SecretLedger.item(15, epoch: 2)]))
        try SecretLedger.expectRefused(
            "it reseals a secret under an old master key",
            SecretLedger.then(rotating, reseal, [SecretLedger.item(15)]))
        try SecretLedger.expectRefused(
            "no master key is being retired",
            SecretLedger.then(SecretLedger.ledger, reseal, [SecretLedger.all[0]]))
        for epoch in [1, 3] as [UInt64] {
            try SecretLedger.expectRefused(
                "it reseals secrets under a master key that is not the current one",
                SecretLedger.then(rotating, reseal, epoch: epoch, [SecretLedger.all[0]]))
        }
        for missing in [SecretLedger.item(15, 9, epoch: 2), SecretLedger.item(15, version: 2, epoch: 2)] {
            try SecretLedger.expectRefused(
                "its digest list names a secret that does not exist",
                SecretLedger.then(rotating, reseal, [missing]))
        }
        let deposit = SecretLedger.ledger.then(SecretLedger.ana, .begin(2))
        try SecretLedger.expectRefused(notOld, SecretLedger.then(deposit, reseal, [SecretLedger.all[3]]))
        #expect(
            try SecretLedger.fault(
                SecretLedger.then(rotating, reseal, by: SecretLedger.ben, [SecretLedger.all[0]]))
                == .notAllowed(seq: 10, name: "ben", role: .user, action: reseal))
    }

    @Test("rejects a digest list that is missing, altered or malformed")
    func lists() throws {
        let good = DigestList.encode(SecretLedger.all)
        let gone = "its digest list is missing or altered"
        var ledger = SecretLedger.then(SecretLedger.rotating, .resealSecrets, SecretLedger.all)
        ledger.lists = [:]
        try SecretLedger.expectRefused(gone, ledger)
        ledger = SecretLedger.then(SecretLedger.rotating, .resealSecrets, SecretLedger.all)
        ledger.lists[10]![40] ^= 1
        try SecretLedger.expectRefused(gone, ledger)
        let one = DigestList.encode([SecretLedger.all[0]])
        let twice = PAE.encode(
            DigestList.encode([SecretLedger.all[0]]).suffix(from: 16).withPieces
                + one.suffix(from: 16).withPieces)
        for bytes in [[], Array(good.dropLast()), good + [0], twice, PAE.encode([.text("x")])] {
            try SecretLedger.expectRefused(
                "its digest list is malformed",
                SecretLedger.then(SecretLedger.rotating, .resealSecrets, SecretLedger.all, list: bytes))
        }
        try SecretLedger.expectRefused(
            "its digest list is malformed",
            SecretLedger.then(SecretLedger.rotating, .resealSecrets, SecretLedger.all, count: 3))
        #expect(DigestList(good)?.items.count == 4)
        #expect(DigestList(DigestList.encode([])) == DigestList([UInt8](repeating: 0, count: 8)))
    }

    @Test("covers the secrets of an older program once, and requires digests from then on")
    func covering() throws {
        let (ben, cover) = (SecretLedger.ben, Action.coverSecrets)
        #expect(
            try SecretLedger.fault(
                SecretLedger.old.then(
                    ben, SecretLedger.owner(.setSecret, 4, SecretLedger.secret(0, version: 2)))) == nil)
        let covered = SecretLedger.then(
            SecretLedger.old, cover, by: ben, [SecretLedger.item(1), SecretLedger.item(2, 2)])
        #expect(try SecretLedger.fault(covered) == nil)
        let counts = try #require(try covered.verify().state.secrets)
        #expect(counts.isCovered && counts.uncovered == 1 && counts.secrets(under: 1) == 2)
        try SecretLedger.expectRefused(
            "it covers a secret that is already covered",
            SecretLedger.then(covered, cover, by: ben, [SecretLedger.item(9)]))
        try SecretLedger.expectRefused(
            "a secret has no epoch and digest",
            covered.then(ben, SecretLedger.owner(.setSecret, 1, SecretLedger.secret(0, version: 2))))
        // A secret that was left out is unchanged, and keeps its master key from being retired until it is covered.
        #expect(
            try SecretLedger.fault(
                covered.then(ben, SecretLedger.owner(.annotateConnection, 4, SecretLedger.secret(0)))) == nil)
        let rotating = SecretLedger.then(
            covered.then(SecretLedger.ana, .begin(2)), .resealSecrets,
            [SecretLedger.item(11, epoch: 2), SecretLedger.item(12, 2, epoch: 2)])
        try SecretLedger.expectRefused(
            "secrets are still sealed under this master key",
            rotating.then(SecretLedger.ana, .retire(1)))
        #expect(
            try SecretLedger.fault(
                rotating.then(
                    ben, SecretLedger.owner(.setSecret, 4, SecretLedger.secret(9, version: 2, epoch: 2))
                ).then(
                    SecretLedger.ana, .retire(1))) == nil)
        #expect(
            try SecretLedger.fault(
                SecretLedger.then(rotating, cover, by: ben, [SecretLedger.item(9, 4, epoch: 1)])) == nil)
        for epoch in [3, 7] as [UInt64] {
            try SecretLedger.expectRefused(
                "it covers a secret under a master key that is not in use",
                SecretLedger.then(rotating, cover, by: ben, [SecretLedger.item(9, 4, epoch: epoch)]))
        }
        // An empty list covers a vault without secrets.
        let empty = SecretLedger.then(SecretLedger.begun(1), cover, by: ben, [])
        #expect(try empty.verify().state.secrets?.isCovered == true)
    }

    @Test("covers a deposit of an older program with its own digest only")
    func coveringDeposits() throws {
        var deposit = SecretLedger.secret(4, isDeposit: true)
        deposit.epoch = nil
        let ledger = SecretLedger.begun(1).then(
            SecretLedger.ben, SecretLedger.owner(.createConnection, 1, deposit))
        #expect(try ledger.verify().state.secrets?.uncovered == 1)
        try SecretLedger.expectRefused(
            "it covers a deposit with another digest",
            SecretLedger.then(ledger, .coverSecrets, [SecretLedger.item(5)]))
        let covered = SecretLedger.then(ledger, .coverSecrets, [SecretLedger.item(4)])
        #expect(try SecretLedger.fault(covered) == nil)
        #expect(
            try SecretLedger.fault(
                covered.then(SecretLedger.ben, SecretLedger.owner(.sealDeposit, 1, SecretLedger.secret(6))))
                == nil)
        // An older program sealed it without a digest.
        #expect(
            try SecretLedger.fault(
                ledger.then(SecretLedger.ben, SecretLedger.owner(.sealDeposit, 1, SecretLedger.secret(0))))
                == nil)
    }

    @Test("rejects an unknown vault format")
    func formats() {
        for format in [0, 3, 9] as [JSON] {
            #expect(SecretLedger.begun(format).fault == .malformedEntry(seq: 0))
        }
    }
}
