import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Settings that are changed in the file: a secret opens only with the settings it was sealed to.
@Suite struct SettingsTests {
    // case 3
    @Test(
        arguments: [
            #"UPDATE owners SET settings = replace(settings, 'team.us-1', 'evil.us-1')"#,
            #"UPDATE owners SET settings = replace(settings, 'custom', 'token')"#,
            #"UPDATE owners SET settings = replace(settings, '}', ',"pool-id":"p"}')"#,
            #"UPDATE owners SET settings = '{}'"#,
            #"UPDATE owners SET settings = 'no JSON'"#,
            #"UPDATE owners SET settings = '{"api-type":1}'"#,
            #"UPDATE owners SET connector = 'http'"#,
        ])
    func `refuses changed settings, and names their last signer`(attack: String) throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user)
        try test.custom("A")
        test.scene.now = Timestamp(text: "2026-03-02T09:00:00Z")!
        try test.edit(
            "A", ["domain": ["team.us-1.celonis.cloud"], "name": ["A"], "auth-type": ["token"]],
            secrets: ["api-key": "k"], as: bo)
        try test.edit("A", ["auth-type": ["custom"]], secrets: ["app-key": "k"], as: bo)
        let moment = test.scene.now
        test.scene.now = Timestamp(text: "2026-03-03T09:00:00Z")!
        try test.raw(attack)
        let changed = Tampering.settingsChanged(owner: "A", signedBy: "bo", at: moment)
        #expect(failure { try test.use("A") } == .integrity(.tampered(changed)))
        #expect(try test.faults(secrets: false) == [changed])
    }

    // case 3
    @Test func `refuses a connection that is renamed in the file`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.raw("UPDATE owners SET name = 'B', name_key = 'b'")
        let changed = Tampering.settingsChanged(owner: "B", signedBy: "ana", at: test.scene.now)
        #expect(failure { try test.use("B") } == .integrity(.tampered(changed)))
        #expect(try test.faults(secrets: false) == [changed])
    }

    // case 3: an attacker also forges the digest next to the blob
    @Test func `refuses changed settings with a forged digest`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B", domain: "evil.us-1.celonis.cloud")
        try test.raw(
            """
            UPDATE owners SET settings = (SELECT settings FROM owners WHERE name = 'B') WHERE name = 'A';
            UPDATE secrets SET settings_digest = (SELECT settings_digest FROM secrets WHERE owner = 2) WHERE owner = 1
            """)
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.settingsChanged(owner: "A", signedBy: "ana", at: test.scene.now))))
    }

    // case 3: an edit must not sign an attacker's change
    @Test func `refuses to edit a connection that is changed in the file`() throws {
        let test = try TestVault()
        try test.custom("A")
        let before = test.vault.size
        try test.raw("UPDATE owners SET settings = replace(settings, 'team.us-1', 'evil.us-1')")
        let changed = VaultError.integrity(
            .tampered(.settingsChanged(owner: "A", signedBy: "ana", at: test.scene.now)))
        #expect(failure { try test.edit("A", ["name": ["B"]], secrets: ["app-key": "k"]) } == changed)
        #expect(failure { try test.set("A", "app-key", "k") } == changed)
        let tag = Owner.Tag(key: "team", value: "ops")
        #expect(
            failure {
                try test.vault.perform(
                    AnnotateOwner(.connection, "A", tags: [tag], note: nil), as: test.session)
            }
                == changed)
        #expect(try test.entries().dropFirst(Int(before)).map(\.action) == [.refused, .refused, .refused])
    }

    @Test func `an edit restores a secret with a deleted row`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.raw("DELETE FROM secrets")
        try test.edit("A", ["domain": ["new.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        #expect(try test.use("A") == "k")
        try test.verify()
    }

    // case 3: a shared client's list of hosts
    @Test func `refuses a client with domain names that are changed in the file`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("O", client: "C")
        try test.raw(
            "UPDATE owners SET settings = replace(settings, 'team.us-1', 'evil.us-1') WHERE name = 'C'")
        let changed = Tampering.settingsChanged(owner: "C", signedBy: "ana", at: test.scene.now)
        #expect(
            failure { try test.holds("client-secret-value", "C", "client-secret") }
                == .integrity(.tampered(changed)))
        #expect(try test.faults(secrets: false) == [changed])
        // A new connection must not be validated against the forged list.
        #expect(
            failure { try test.oauth("P", client: "C", domains: ["evil.us-1.celonis.cloud"]) }
                == .integrity(.tampered(changed)))
    }

    // case 3: the column that refers to the client, which is not a setting
    @Test func `refuses a connection that points to another client`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.client("D")
        try test.oauth("O", client: "C")
        try test.raw("UPDATE owners SET client = 2 WHERE name = 'O'")
        let changed = Tampering.settingsChanged(owner: "O", signedBy: "ana", at: test.scene.now)
        #expect(try test.faults(secrets: false) == [changed])
    }

    @Test func `refuses changed tags and notes, and names their last signer`() throws {
        let test = try TestVault()
        try test.custom("A", tags: [Owner.Tag(key: "team", value: "ops")], note: "a note")
        let changed = Tampering.annotationsChanged(owner: "A", signedBy: "ana", at: test.scene.now)
        for attack in [
            "UPDATE tags SET value = 'dev'", "DELETE FROM tags", "INSERT INTO tags VALUES (1, 'z', 'z')",
            "UPDATE owners SET note = 'another'",
        ] {
            let copy = try test.copy()
            try test.raw(attack)
            #expect(try test.faults(secrets: false) == [changed], "\(attack)")
            try test.restore(copy)
        }
        try test.reopen()
        try test.verify()
    }
}
