import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// Secrets from those who open nothing, from their program to the hands of whoever unlocks next.
@Suite struct WaitingDepositTests {
    /// What somebody deposited while nobody unlocked.
    private func deposited(_ value: String = "from cora") throws -> Team {
        let team = try Team()
        try team.test.set("A", "app-key", value, as: team.cora)
        return team
    }

    private func isDeposit(_ team: Team, _ name: String = "A") throws -> Bool {
        try team.vault.secrets(of: name).secrets.allSatisfy(\.isDeposit)
    }

    @Test func `a writer's secret is used by who may open, and sealed by whoever unlocks first`() throws {
        let team = try deposited()
        #expect(try isDeposit(team))
        #expect(try team.test.blob("A", "app-key").first == 2)
        let state = try #require(try team.last().change.state)
        #expect(state.secrets[0].deposit == Digest.sha256(Array(try team.test.blob("A", "app-key"))))
        try team.test.verify(secrets: false)
        let size = team.vault.size
        let bo = try team.test.unlock("bo", key: Team.key(1))
        #expect(try isDeposit(team) == false)
        let entry = try team.last()
        #expect(team.vault.size == size + 1)
        #expect(entry.action == .sealDeposit && entry.actor.name == "bo")
        #expect(entry.change.state?.secrets.map(\.deposit) == [nil])
        #expect(entry.change.state?.secrets.map(\.version) == [2])
        #expect(try team.test.use("A", as: bo) == "from cora")
        #expect(try team.vault.show(.connection, "A").secrets[0].setBy == "cora")
        try team.test.verify()
    }

    @Test func `a writer creates, edits and renames, and every secret is a deposit`() throws {
        let team = try Team()
        try team.test.custom("B", key: "created", as: team.cora)
        try team.test.edit("A", ["name": ["A2"]], secrets: ["app-key": "edited"], as: team.cora)
        #expect(try isDeposit(team, "B") && isDeposit(team, "A2"))
        try team.test.verify(secrets: false)
        // This session was unlocked before they came: they are sealed on the way to their use.
        #expect(try team.test.use("B", as: team.bo) == "created")
        #expect(try team.test.use("A2") == "edited")
        #expect(try isDeposit(team, "B") == false)
        try team.test.verify()
    }

    @Test func `anybody can deposit without unlocking the master key`() throws {
        let team = try Team()
        let ana = try team.test.unlock("ana", depositing: true)
        // Not even a grant is needed for it.
        try team.test.raw("DELETE FROM grants")
        try team.test.set("A", "app-key", "from ana", as: ana)
        #expect(try isDeposit(team))
    }

    @Test func `nothing of a sealed deposit is left on the disk`() throws {
        let team = try deposited()
        let blob = Array(try team.test.blob("A", "app-key"))
        _ = try team.test.unlock("ana")
        for (name, bytes) in try team.test.bytesOnDisk() {
            #expect(!bytes.contains(blob), "\(name)")
        }
    }

    // case 21
    @Test func `a public key that was replaced in the file gets no deposit`() throws {
        let team = try Team()
        let mine = MasterKey.generate(epoch: 1)
        try team.test.raw("UPDATE epochs SET deposit_key = ?", [Data(mine.depositPublic)])
        let refusal = VaultError.tampered(.epochRow(epoch: 1))
        #expect(failure { try team.test.set("A", "app-key", "k", as: team.cora) } == refusal)
        #expect(failure { try team.test.custom("B", as: team.cora) } == refusal)
        #expect(try team.last().action == .refused)
        #expect(try isDeposit(team) == false)
    }

    // case 21: with an entry for it, too
    @Test func `a new epoch by somebody who may not begin one gets no deposit`() throws {
        let team = try Team()
        let mine = MasterKey.generate(epoch: 2)
        let epoch = LedgerState.Epoch(
            number: 2, commitment: mine.commitment, depositKey: mine.depositPublic)
        try team.forge(
            team.bo, .beginEpoch, Entry.Object(.key, name: "epoch 2"), Change(details: epoch.details))
        let seq = team.vault.size
        #expect(
            failure { try team.test.set("A", "app-key", "k", as: team.cora) }
                == .ledger(.notAllowed(seq: seq, name: "bo", role: .user, action: .beginEpoch)))
    }

    // case 22
    @Test func `a deposit by who is a member no longer is refused`() throws {
        let team = try Team()
        let vault = team.vault
        let row = try team.vault.read { try $0.find(.connection, "A") }
        _ = try vault.removeMember("cora", as: team.ana)
        #expect(
            failure { try team.test.set("A", "app-key", "k", as: team.cora) }
                == .noLongerMember(name: "cora"))
        // And by a program that does not ask.
        let state = OwnerState(
            settingsDigest: row.settingsDigest!, annotations: nil,
            secrets: [.init(field: "app-key", version: 2, label: .current, deposit: Digest.sha256([2]))])
        let seq = vault.size
        try team.forge(team.cora, .setSecret, row.object, Change(state: state, details: ["field": "app-key"]))
        #expect(
            failure { try team.test.use("A") } == .ledger(.unknownAuthor(seq: seq, name: "cora")))
    }

    // case 22: it reached a vault that somebody had unlocked
    @Test func `a deposit that nobody signed for is refused, and that is an entry`() throws {
        let team = try Team()
        let (owner, digest) = try team.vault.read { rows in
            let row = try rows.find(.connection, "A")
            return (row.uid, row.settingsDigest!)
        }
        let address = SecretAddress(
            vault: team.vault.id, owner: owner, field: "app-key", version: 1, epoch: 1, settingsDigest: digest
        )
        let blob = try Deposit.seal(
            SecretBytes(copying: Array("planted".utf8)), address: address,
            depositPublic: team.vault.state.epoch!.depositKey)
        try team.test.setBlob("A", "app-key", Data(blob))
        #expect(
            failure { try team.test.use("A") } == .tampered(.secretUnsigned(owner: "A", field: "app-key")))
        let entry = try team.last()
        #expect(entry.action == .refused && entry.actor.name == "ana" && entry.object.name == "A")
        // Unlocking does not make it true, and goes on.
        _ = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.test.faults() == [.secretUnsigned(owner: "A", field: "app-key")])
    }

    // case 23
    @Test func `an old deposit that is put back is refused, before and after newer ones were sealed`() throws
    {
        let team = try deposited("the first")
        let old = try team.test.blob("A", "app-key")
        let row = try team.test.raw { db in
            try #require(try Row.fetchOne(db, sql: "SELECT version, settings_digest FROM secrets"))
        }
        try team.test.set("A", "app-key", "the second", as: team.cora)
        func putBack(_ sql: String) throws {
            try team.test.raw("UPDATE secrets SET sealed = ? \(sql)", [old])
        }
        let newest = try team.test.copy()
        try putBack("")
        #expect(
            failure { try team.test.use("A") } == .tampered(.secretUnsigned(owner: "A", field: "app-key")))
        try team.test.restore(newest, forgetting: true)
        try team.test.reopen()
        try putBack(", version = \(row["version"] as Int)")
        #expect(
            failure { try team.test.use("A") }
                == .tampered(.secretStale(owner: "A", field: "app-key", found: 2, signed: 3)))
        try team.test.restore(newest, forgetting: true)
        try team.test.reopen()
        _ = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.test.use("A") == "the second")
        try putBack("")
        #expect(
            failure { try team.test.use("A") } == .tampered(.secretUnsigned(owner: "A", field: "app-key")))
    }

    // case 25
    @Test func `who deposited a secret cannot open it again from the file`() throws {
        let team = try deposited()
        #expect(
            failure { try team.test.use("A", as: team.cora) }
                == .forbidden(member: "cora", role: .writer, action: .execConnection))
        try team.vault.file.write { rows in
            #expect(
                failure { try team.cora.masterKey(1, team.vault.known, rows) }
                    == .grantMissing(member: "cora", epoch: 1))
            // Somebody else's grant is sealed to somebody else.
            let grant = try #require(try rows.grant(epoch: 1, member: team.bo.member.id.bytes))
            try rows.insertGrant(epoch: 1, member: team.cora.member.id.bytes, sealed: grant)
            #expect(
                failure { try team.cora.masterKey(1, team.vault.known, rows) }
                    == .tampered(.grantRow(epoch: 1)))
        }
    }

    @Test func `a deposit that does not open or fit is named, and stands in nobody's way`() throws {
        let team = try Team()
        try team.test.custom("B", as: team.cora)
        // What a program of the writer's could do that checks no form: a line feed would reach a header.
        for (name, value, key) in [
            ("A", "a\nX-Injected: 1", team.vault.state.epoch!.depositKey),
            ("B", "well", MasterKey.generate(epoch: 1).depositPublic),
        ] {
            try team.vault.change(as: team.cora) { transaction in
                let owner = try transaction.rows.find(.connection, name)
                var state = try transaction.signedState(of: owner)
                var row = try #require(try transaction.rows.secrets(of: owner.id).first)
                row.version += 1
                row.rotateBy = nil
                row.sealed = try Deposit.seal(
                    SecretBytes(copying: Array(value.utf8)), address: transaction.address(of: row, owner),
                    depositPublic: key)
                try transaction.rows.deleteSecrets(of: owner.id)
                try transaction.rows.insertSecret(row)
                state.secrets = [
                    .init(
                        field: row.field, version: row.version, label: .current, epoch: row.epoch,
                        deposit: Digest.sha256(row.sealed))
                ]
                try transaction.record(
                    .setSecret, owner.object, Change(state: state, details: ["field": "app-key"]))
            }
        }
        try team.test.custom("C", key: "good", as: team.cora)
        let bo = try team.test.unlock("bo", key: Team.key(1))
        #expect(team.test.scene.notices.last == .depositsLeft(["A", "B"]))
        #expect(try team.test.use("C", as: bo) == "good")
        for name in ["A", "B"] {
            #expect(
                failure { try team.test.use(name, as: bo) }
                    == .depositUnusable(owner: name, field: "app-key"))
            #expect(try team.last().action == .refused)
        }
        #expect(
            failure { try team.test.rotate() } == .rowsNotResealed(["A: app-key", "B: app-key"], left: 2))
        try team.test.set("A", "app-key", "mended")
        try team.vault.remove(.connection, "B", as: bo)
        _ = try team.vault.rotateMasterKey(as: team.ana, resumeOnly: true)
        #expect(try team.test.use("A") == "mended")
        try team.test.verify()
    }

    @Test func `a rotation seals what waits, and what comes while it goes on is for the new key`() throws {
        let team = try deposited()
        var hasCome = false
        let other = try team.test.second()
        team.test.scene.whenTold = { notice in
            guard case .progress(.sealing, _, _) = notice, !hasCome else { return }
            hasCome = true
            #expect(throws: Never.self) {
                _ = try other.setSecret("app-key", of: "A", to: secret("meanwhile"), as: team.cora)
            }
        }
        try team.test.rotate()
        #expect(hasCome)
        let row = try team.vault.secrets(of: "A").secrets[0]
        #expect(row.epoch == 2 && row.version == 3 && row.isDeposit)
        try team.test.verify()
        #expect(try team.test.use("A", as: team.bo) == "meanwhile")
        try team.test.verify()
    }
}
