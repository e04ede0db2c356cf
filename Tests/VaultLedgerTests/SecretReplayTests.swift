import Testing
import VaultCrypto

@testable import VaultLedger

/// What entries may say of owners and of their secrets' sealed bytes (docs/format.md, section 9), to a reader of the whole
/// ledger and to one that goes on from any head.
struct SecretReplayTests {
    @Test("counts what is sealed under each epoch, and what is not covered")
    func counts() throws {
        #expect(try SecretLedger.fault(SecretLedger.ledger) == nil)
        let counts = try #require(try SecretLedger.ledger.verify().state.secrets)
        #expect(counts.isCovered && counts.uncovered == 0 && counts.secrets(under: 1) == 4)
        let old = SecretLedger.begun(1).then(
            SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(0)))
        #expect(try old.verify().state.secrets?.uncovered == 1)
        #expect(try old.verify().state.secrets?.isCovered == false)
    }

    @Test("refuses an entry about an owner that is not there, was removed, or is of the other kind (case 98)")
    func owners() throws {
        let ledger = SecretLedger.ledger
        let missing = "a connection or client that is not there"
        for action in Action.allCases
        where action.objects.contains(.connection) && action != .refused && !action.isCreation {
            let deed = SecretLedger.owner(action, 9, kind: .connection)
            try SecretLedger.expectRefused(missing, ledger.then(SecretLedger.ana, deed), "\(action)")
        }
        try SecretLedger.expectRefused(
            missing, ledger.then(SecretLedger.ana, SecretLedger.owner(.removeClient, 9, kind: .client)))
        try SecretLedger.expectRefused(
            "a connection or client that is there already",
            ledger.then(SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(9))))
        try SecretLedger.expectRefused(
            "a connection as a client, or the reverse",
            ledger.then(
                SecretLedger.ben,
                SecretLedger.owner(.editClient, 1, SecretLedger.secret(9, version: 2), kind: .client)))
        let removed = ledger.then(SecretLedger.ben, SecretLedger.owner(.removeConnection, 1))
        #expect(try SecretLedger.fault(removed) == nil)
        #expect(try removed.verify().state.secrets?.secrets(under: 1) == 3)
        for action in [Action.execConnection, .removeConnection, .allowUses] {
            try SecretLedger.expectRefused(
                "a connection or client that was removed",
                removed.then(SecretLedger.ana, SecretLedger.owner(action, 1)))
        }
        try SecretLedger.expectRefused(
            "a connection or client that is there already",
            removed.then(SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(1))))
        // A proxy may outlive its connection, and what was refused may be about anything.
        #expect(
            try SecretLedger.fault(removed.then(SecretLedger.ben, SecretLedger.owner(.proxyConnection, 1)))
                == nil)
        let refused = Deed(
            .refused, Entry.Object(.connection, id: SecretLedger.ben.id, name: "x"),
            Change(details: ["what": "open", "why": "role"]))
        #expect(try SecretLedger.fault(ledger.then(SecretLedger.ben, refused)) == nil)
    }

    @Test("refuses other sealed bytes of a version that was there, by every action (case 112)")
    func exchanges() throws {
        let other = "other sealed bytes of a secret than those before"
        for action in Action.allCases
        where action.leadsToState && !action.isCreation && !action.isRemoval
            && action.objects.contains(.connection)
        {
            for changed in [
                SecretLedger.secret(9), SecretLedger.secret(1, isDeposit: true), SecretLedger.secret(0),
                SecretLedger.secret(1, epoch: 2),
            ] {
                let deed = SecretLedger.owner(action, 1, changed, kind: .connection)
                try SecretLedger.expectRefused(
                    other, SecretLedger.ledger.then(SecretLedger.ana, deed), "\(action)")
            }
            #expect(
                try SecretLedger.fault(
                    SecretLedger.ledger.then(
                        SecretLedger.ana,
                        SecretLedger.owner(action, 1, SecretLedger.secret(1), kind: .connection)))
                    == nil)
        }
    }

    @Test("takes new versions by what brings them, in their order, under the present master key")
    func newVersions() throws {
        let (ben, ledger) = (SecretLedger.ben, SecretLedger.ledger)
        func change(_ action: Action, _ secrets: OwnerState.Secret...) -> TestLedger {
            var deed = SecretLedger.owner(action, 1)
            deed.change.state?.secrets = secrets
            return ledger.then(SecretLedger.ana, deed)
        }
        let (old, new) = (SecretLedger.secret(1), SecretLedger.secret(9, version: 2, label: .pending))
        for action in [
            Action.annotateConnection, .allowUses, .finishRotation, .testRotation, .rollBackSecret,
        ] {
            try SecretLedger.expectRefused(
                "a new secret that this action cannot bring", change(action, old, new))
        }
        for action in [Action.setSecret, .startRotation, .editConnection] {
            #expect(try SecretLedger.fault(change(action, old, new)) == nil)
            try SecretLedger.expectRefused(
                "a secret under another master key than the present one",
                change(action, old, SecretLedger.secret(9, version: 2, epoch: 7, label: .pending)))
            try SecretLedger.expectRefused(
                "a secret without its epoch and digest",
                change(action, old, SecretLedger.secret(0, version: 2, label: .pending)))
        }
        let newer = ledger.then(ben, SecretLedger.owner(.setSecret, 1, SecretLedger.secret(8, version: 5)))
        #expect(try SecretLedger.fault(newer) == nil)
        try SecretLedger.expectRefused(
            "a new secret that is not the newest",
            newer.then(ben, SecretLedger.owner(.setSecret, 1, SecretLedger.secret(7, version: 4))))
    }

    @Test("seals deposits, and nothing else, by secret.seal")
    func deposits() throws {
        func seal(_ number: UInt8, _ secret: OwnerState.Secret, _ kind: Entry.Object.Kind) -> TestLedger {
            SecretLedger.ledger.then(
                SecretLedger.ben, SecretLedger.owner(.sealDeposit, number, secret, kind: kind))
        }
        #expect(try SecretLedger.fault(seal(3, SecretLedger.secret(9), .client)) == nil)
        try SecretLedger.expectRefused(
            "other sealed bytes of a secret than those before",
            seal(3, SecretLedger.secret(9, isDeposit: true), .client))
        try SecretLedger.expectRefused(
            "other sealed bytes of a secret than those before", seal(1, SecretLedger.secret(9), .connection))
        try SecretLedger.expectRefused(
            "a secret under another master key than the present one",
            seal(3, SecretLedger.secret(9, epoch: 2), .client))
        try SecretLedger.expectRefused(
            "a secret without its epoch and digest", seal(3, SecretLedger.secret(0), .client))
    }
}
