import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Edits, annotations and new values of secrets.
@Suite struct EditingTests {
    @Test func `an edit requires every secret again`() throws {
        let test = try TestVault()
        try test.custom("A")
        let plan = try test.vault.perform(
            PlanEdit(.connection, "A", changes: ["domain": ["b.us-1.celonis.cloud"]]))
        #expect(plan.needed == ["app-key"])
        #expect(
            failure { try test.vault.perform(EditOwner(plan, secrets: [:]), as: test.session) }
                == .input(.secretsNeeded(owner: "A", fields: ["app-key"])))
        #expect(try test.use("A") == "app-key-value")
        try test.vault.perform(EditOwner(plan, secrets: ["app-key": secret("again")]), as: test.session)
        #expect(try test.use("A") == "again")
        #expect(
            try test.vault.perform(ShowOwner(.connection, "A")).settings["domain"]
                == .text("b.us-1.celonis.cloud"))
    }

    @Test func `a rename is an edit, and the history continues under the new name`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.edit("A", ["name": ["B"]], secrets: ["app-key": "k"])
        #expect(try test.use("B") == "k")
        #expect(failure { try test.use("A") } == .input(.notFound(kind: .connection, name: "A", nearest: [])))
        var actions: [Action] = []
        try ShowHistory(.connection, "B").forEach(in: test.vault) { actions.append($0.action) }
        #expect(actions == [.createConnection, .editConnection, .execConnection])
    }

    @Test func `refuses an edit that changes nothing`() throws {
        let test = try TestVault()
        try test.custom("A")
        let size = test.vault.size
        #expect(
            failure { try test.edit("A", ["domain": ["team.us-1.celonis.cloud"]], secrets: ["app-key": "k"]) }
                == .input(.nothingToDo("A")))
        #expect(test.vault.size == size)
    }

    @Test func `refuses an edit that was planned on older settings`() throws {
        let test = try TestVault()
        try test.custom("A")
        let plan = try test.vault.perform(
            PlanEdit(.connection, "A", changes: ["domain": ["b.us-1.celonis.cloud"]]))
        try test.edit("A", ["domain": ["c.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        #expect(
            failure {
                try test.vault.perform(EditOwner(plan, secrets: ["app-key": secret("k")]), as: test.session)
            }
                == .input(.changedConcurrently(name: "A")))
    }

    @Test func `an entry has the old and new value of each setting, and no secret`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.edit(
            "A", ["domain": ["b.us-1.celonis.cloud"], "auth-type": ["token"]], secrets: ["api-key": "k"])
        let change = try #require(try test.entries().last?.change)
        let blob = Array(try test.blob("A", "api-key"))
        #expect(
            change.settings == [
                Change.Setting(key: "auth-type", old: "custom", new: "token"),
                Change.Setting(key: "domain", old: "team.us-1.celonis.cloud", new: "b.us-1.celonis.cloud"),
            ])
        #expect(
            change.state?.secrets == [
                OwnerState.Secret(
                    field: "api-key", version: 1, label: .current, epoch: 1,
                    sealed: Digest.sha256(blob), rotateBy: test.scene.now + .days(365))
            ])
    }

    @Test func `never reuses a version number, even after the field was removed`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.set("A", "app-key", "two")
        try test.edit("A", ["auth-type": ["token"]], secrets: ["api-key": "k"])
        try test.edit("A", ["auth-type": ["custom"]], secrets: ["app-key": "three"])
        #expect(try test.vault.perform(ShowOwner(.connection, "A")).secrets.map(\.version) == [3])
        #expect(try test.set("A", "app-key", "four") == 4)
        try test.edit("A", ["auth-type": ["token"]], secrets: ["api-key": "k"])
        #expect(try test.vault.perform(ShowOwner(.connection, "A")).secrets.map(\.version) == [2])
        try test.verify()
    }

    @Test func `annotating requires no secret, and leaves secrets unchanged`() throws {
        let test = try TestVault()
        try test.custom(
            "A", tags: [Owner.Tag(key: "team", value: "ops"), Owner.Tag(key: "env", value: "prod")])
        let blob = try test.blob("A", "app-key")
        try test.vault.perform(
            AnnotateOwner(
                .connection, "A",
                tags: [Owner.Tag(key: "team", value: ""), Owner.Tag(key: "tier", value: "1")], note: "seen"),
            as: test.session)
        let owner = try test.vault.perform(ShowOwner(.connection, "A"))
        #expect(owner.tags == [Owner.Tag(key: "env", value: "prod"), Owner.Tag(key: "tier", value: "1")])
        #expect(owner.note == "seen")
        #expect(try test.blob("A", "app-key") == blob)
        #expect(try test.use("A") == "app-key-value")
        let tag = Owner.Tag(key: "tier", value: "1")
        #expect(
            failure {
                try test.vault.perform(
                    AnnotateOwner(.connection, "A", tags: [tag], note: "seen"), as: test.session)
            }
                == .input(.nothingToDo("A")))
        try test.verify()
    }

    @Test func `setting a secret leaves the others unchanged`() throws {
        let test = try TestVault()
        try test.postgresql("P")
        #expect(try test.set("P", "password", "newer") == 2)
        #expect(try test.holds("newer", "P", "password"))
        #expect(try test.holds("client-key", "P", "certificate-key"))
        #expect(try !test.holds("pw", "P", "password"))
        let secrets = try test.vault.perform(ShowOwner(nil, "P")).secrets
        #expect(secrets.map { "\($0.field) \($0.version)" } == ["certificate-key 1", "password 2"])
    }

    @Test func `verifying a secret's value is recorded without the result`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(try test.holds("app-key-value", "A", "app-key"))
        #expect(try !test.holds("wrong", "A", "app-key"))
        let entries = try test.entries().suffix(2)
        #expect(entries.map(\.action) == [.verifySecret, .verifySecret])
        #expect(entries.first?.change == entries.last?.change)
    }

    @Test func `refuses an unknown field, and lists the fields of the connection`() throws {
        let test = try TestVault()
        try test.custom("A")
        let wrong = VaultError.input(.noSuchSecret(owner: "A", field: "api-key", fields: ["app-key"]))
        #expect(failure { try test.set("A", "api-key", "k") } == wrong)
        #expect(failure { try test.holds("k", "A", "api-key") } == wrong)
    }

    @Test(arguments: ["****", "••••", "***", "<redacted>"])
    func `refuses a mask as the value of a secret`(mask: String) throws {
        let test = try TestVault()
        #expect(failure { try test.custom("A", key: mask) } != nil)
        try test.custom("A")
        guard case .input(.invalid(let problems))? = failure({ try test.set("A", "app-key", mask) }) else {
            Issue.record("accepted as a secret")
            return
        }
        #expect(problems.map(\.field) == ["app-key"])
        #expect(problems.allSatisfy { !$0.message.contains(mask) })
        #expect(try test.use("A") == "app-key-value")
    }
}
