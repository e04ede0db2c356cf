import Testing
import VaultCrypto

@testable import VaultLedger

/// Replay of owners and the sealed bytes of their secrets (docs/format.md, section 9), by a verifier of the whole ledger
/// and by a verifier that continues from each head.
struct SecretReplayTests {
    @Test("counts the secrets of each epoch, and those that are not covered")
    func counts() throws {
        #expect(try SecretLedger.fault(SecretLedger.ledger) == nil)
        let counts = try #require(try SecretLedger.ledger.verify().state.secrets)
        #expect(counts.isCovered && counts.uncovered == 0 && counts.secrets(under: 1) == 4)
        let old = SecretLedger.begun(1).then(
            SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(0)))
        #expect(try old.verify().state.secrets?.uncovered == 1)
        #expect(try old.verify().state.secrets?.isCovered == false)
    }

    @Test("rejects an entry about an owner that does not exist, was removed or has another kind (case 98)")
    func owners() throws {
        let ledger = SecretLedger.ledger
        let missing = "the connection or client does not exist"
        for action in Action.allCases
        where action.objects.contains(.connection) && action != .refused && !action.isCreation {
            let draft = SecretLedger.owner(action, 9, kind: .connection)
            try SecretLedger.expectRefused(missing, ledger.then(SecretLedger.ana, draft), "\(action)")
        }
        try SecretLedger.expectRefused(
            missing, ledger.then(SecretLedger.ana, SecretLedger.owner(.removeClient, 9, kind: .client)))
        try SecretLedger.expectRefused(
            "the connection or client already exists",
            ledger.then(SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(9))))
        try SecretLedger.expectRefused(
            "the object is a connection instead of a client, or the reverse",
            ledger.then(
                SecretLedger.ben,
                SecretLedger.owner(.editClient, 1, SecretLedger.secret(9, version: 2), kind: .client)))
        let removed = ledger.then(SecretLedger.ben, SecretLedger.owner(.removeConnection, 1))
        #expect(try SecretLedger.fault(removed) == nil)
        #expect(try removed.verify().state.secrets?.secrets(under: 1) == 3)
        for action in [Action.execConnection, .removeConnection, .allowUses] {
            try SecretLedger.expectRefused(
                "the connection or client was removed",
                removed.then(SecretLedger.ana, SecretLedger.owner(action, 1)))
        }
        try SecretLedger.expectRefused(
            "the connection or client already exists",
            removed.then(SecretLedger.ben, SecretLedger.owner(.createConnection, 1, SecretLedger.secret(1))))
        // A proxy may outlive its connection, and a refused attempt may name any connection.
        #expect(
            try SecretLedger.fault(removed.then(SecretLedger.ben, SecretLedger.owner(.proxyConnection, 1)))
                == nil)
        let refused = EntryDraft(
            .refused, Entry.Object(.connection, id: SecretLedger.ben.id, name: "x"),
            Change(details: ["what": "open", "why": "role"]))
        #expect(try SecretLedger.fault(ledger.then(SecretLedger.ben, refused)) == nil)
    }

    @Test("rejects other sealed bytes of an existing version in every action (case 112)")
    func exchanges() throws {
        let other = "it replaces the sealed bytes of an existing secret"
        for action in Action.allCases
        where action.recordsState && !action.isCreation && !action.isRemoval
            && action.objects.contains(.connection)
        {
            for changed in [
                SecretLedger.secret(9), SecretLedger.secret(1, isDeposit: true), SecretLedger.secret(0),
                SecretLedger.secret(1, epoch: 2),
            ] {
                let draft = SecretLedger.owner(action, 1, changed, kind: .connection)
                try SecretLedger.expectRefused(
                    other, SecretLedger.ledger.then(SecretLedger.ana, draft), "\(action)")
            }
            #expect(
                try SecretLedger.fault(
                    SecretLedger.ledger.then(
                        SecretLedger.ana,
                        SecretLedger.owner(action, 1, SecretLedger.secret(1), kind: .connection)))
                    == nil)
        }
    }

    @Test("accepts a new version only from certain actions, in order, under the current master key")
    func newVersions() throws {
        let (ben, ledger) = (SecretLedger.ben, SecretLedger.ledger)
        func change(_ action: Action, _ secrets: OwnerState.Secret...) -> TestLedger {
            var draft = SecretLedger.owner(action, 1)
            draft.change.state?.secrets = secrets
            return ledger.then(SecretLedger.ana, draft)
        }
        let (old, new) = (SecretLedger.secret(1), SecretLedger.secret(9, version: 2, label: .pending))
        for action in [
            Action.annotateConnection, .allowUses, .finishRotation, .testRotation, .rollBackSecret,
        ] {
            try SecretLedger.expectRefused(
                "its action can't add a secret", change(action, old, new))
        }
        for action in [Action.setSecret, .startRotation, .editConnection] {
            #expect(try SecretLedger.fault(change(action, old, new)) == nil)
            try SecretLedger.expectRefused(
                "a secret is not sealed under the current master key",
                change(action, old, SecretLedger.secret(9, version: 2, epoch: 7, label: .pending)))
            try SecretLedger.expectRefused(
                "a secret has no epoch and digest",
                change(action, old, SecretLedger.secret(0, version: 2, label: .pending)))
        }
        let newer = ledger.then(ben, SecretLedger.owner(.setSecret, 1, SecretLedger.secret(8, version: 5)))
        #expect(try SecretLedger.fault(newer) == nil)
        try SecretLedger.expectRefused(
            "the new secret does not have the highest version",
            newer.then(ben, SecretLedger.owner(.setSecret, 1, SecretLedger.secret(7, version: 4))))
    }

    @Test("accepts secret.seal for deposits only")
    func deposits() throws {
        func seal(_ number: UInt8, _ secret: OwnerState.Secret, _ kind: Entry.Object.Kind) -> TestLedger {
            SecretLedger.ledger.then(
                SecretLedger.ben, SecretLedger.owner(.sealDeposit, number, secret, kind: kind))
        }
        #expect(try SecretLedger.fault(seal(3, SecretLedger.secret(9), .client)) == nil)
        try SecretLedger.expectRefused(
            "it replaces the sealed bytes of an existing secret",
            seal(3, SecretLedger.secret(9, isDeposit: true), .client))
        try SecretLedger.expectRefused(
            "it replaces the sealed bytes of an existing secret", seal(1, SecretLedger.secret(9), .connection)
        )
        try SecretLedger.expectRefused(
            "a secret is not sealed under the current master key",
            seal(3, SecretLedger.secret(9, epoch: 2), .client))
        try SecretLedger.expectRefused(
            "a secret has no epoch and digest", seal(3, SecretLedger.secret(0), .client))
    }
}
