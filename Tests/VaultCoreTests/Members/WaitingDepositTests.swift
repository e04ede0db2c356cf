import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// Deposits: secrets from members who cannot open secrets, until the next unlock seals them.
@Suite struct WaitingDepositTests {
    /// A team with a deposit of cora's that no unlock has sealed yet.
    private func deposited(_ value: String = "from cora") throws -> Team {
        let team = try Team()
        try team.test.set("A", "app-key", value, as: team.cora)
        return team
    }

    private func isDeposit(_ team: Team, _ name: String = "A") throws -> Bool {
        try team.vault.perform(ShowOwner(nil, name)).secrets.allSatisfy(\.isDeposit)
    }

    @Test func `a writer's deposit is usable, and sealed by the next member who unlocks`() throws {
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
        #expect(try team.vault.perform(ShowOwner(.connection, "A")).secrets[0].setBy == "cora")
        try team.test.verify()
    }

    @Test func `creates, edits and renames by a writer store deposits`() throws {
        let team = try Team()
        try team.test.custom("B", key: "created", as: team.cora)
        try team.test.edit("A", ["name": ["A2"]], secrets: ["app-key": "edited"], as: team.cora)
        #expect(try isDeposit(team, "B") && isDeposit(team, "A2"))
        try team.test.verify(secrets: false)
        // These sessions are older than the deposits, so a use seals them.
        #expect(try team.test.use("B", as: team.bo) == "created")
        #expect(try team.test.use("A2") == "edited")
        #expect(try isDeposit(team, "B") == false)
        try team.test.verify()
    }

    @Test func `depositing needs neither the master key nor a grant`() throws {
        let team = try Team()
        let ana = try team.test.unlock("ana", depositing: true)
        // Not even a grant is needed.
        try team.test.raw("DELETE FROM grants")
        try team.test.set("A", "app-key", "from ana", as: ana)
        #expect(try isDeposit(team))
    }

    @Test func `leaves nothing of a sealed deposit on disk`() throws {
        let team = try deposited()
        let blob = Array(try team.test.blob("A", "app-key"))
        _ = try team.test.unlock("ana")
        for (name, bytes) in try team.test.bytesOnDisk() {
            #expect(!bytes.contains(blob), "\(name)")
        }
    }

    // case 21
    @Test func `refuses to deposit to a replaced public key`() throws {
        let team = try Team()
        let mine = MasterKey.generate(epoch: 1)
        try team.test.raw("UPDATE epochs SET deposit_key = ?", [Data(mine.depositPublic)])
        let refusal = VaultError.integrity(.tampered(.epochRow(epoch: 1)))
        #expect(failure { try team.test.set("A", "app-key", "k", as: team.cora) } == refusal)
        #expect(failure { try team.test.custom("B", as: team.cora) } == refusal)
        #expect(try team.last().action == .refused)
        #expect(try isDeposit(team) == false)
    }

    // case 21: with an entry for the key
    @Test func `refuses to deposit to an epoch by a member who cannot begin one`() throws {
        let team = try Team()
        let mine = MasterKey.generate(epoch: 2)
        let epoch = LedgerState.Epoch(
            number: 2, commitment: mine.commitment, depositKey: mine.depositPublic)
        try team.forge(
            team.bo, .beginEpoch, Entry.Object(.key, name: "epoch 2"), Change(details: epoch.details))
        let seq = team.vault.size
        #expect(
            failure { try team.test.set("A", "app-key", "k", as: team.cora) }
                == .integrity(.ledger(.notAllowed(seq: seq, name: "bo", role: .user, action: .beginEpoch))))
    }

    // case 22
    @Test func `refuses a deposit by a removed member`() throws {
        let team = try Team()
        let vault = team.vault
        let row = try team.vault.read { try $0.find(.connection, "A") }
        _ = try vault.perform(RemoveMember("cora"), as: team.ana)
        #expect(
            failure { try team.test.set("A", "app-key", "k", as: team.cora) }
                == .access(.noLongerMember(name: "cora")))
        // Also from a program that does not check.
        let state = OwnerState(
            settingsDigest: row.settingsDigest!, annotations: nil,
            secrets: [.init(field: "app-key", version: 2, label: .current, deposit: Digest.sha256([2]))])
        let seq = vault.size
        try team.forge(team.cora, .setSecret, row.object, Change(state: state, details: ["field": "app-key"]))
        #expect(
            failure { try team.test.use("A") } == .integrity(.ledger(.unknownAuthor(seq: seq, name: "cora"))))
    }

    // case 22: the vault is unlocked
    @Test func `refuses an unsigned deposit, and records the refusal`() throws {
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
            failure { try team.test.use("A") }
                == .integrity(.tampered(.secretUnsigned(owner: "A", field: "app-key"))))
        let entry = try team.last()
        #expect(entry.action == .refused && entry.actor.name == "ana" && entry.object.name == "A")
        // Unlocking succeeds and does not seal it.
        _ = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.test.faults() == [.secretUnsigned(owner: "A", field: "app-key")])
    }

    // case 23
    @Test func `refuses an old deposit, before and after a newer one is sealed`() throws {
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
            failure { try team.test.use("A") }
                == .integrity(.tampered(.secretUnsigned(owner: "A", field: "app-key"))))
        try team.test.restore(newest, forgettingAnchors: true)
        try team.test.reopen()
        try putBack(", version = \(row["version"] as Int)")
        #expect(
            failure { try team.test.use("A") }
                == .integrity(.tampered(.secretStale(owner: "A", field: "app-key", found: 2, signed: 3))))
        try team.test.restore(newest, forgettingAnchors: true)
        try team.test.reopen()
        _ = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.test.use("A") == "the second")
        try putBack("")
        #expect(
            failure { try team.test.use("A") }
                == .integrity(.tampered(.secretUnsigned(owner: "A", field: "app-key"))))
    }

    // case 25
    @Test func `a depositor cannot open their deposit`() throws {
        let team = try deposited()
        #expect(
            failure { try team.test.use("A", as: team.cora) }
                == .access(.forbidden(member: "cora", role: .writer, action: .execConnection)))
        try team.vault.file.write { rows in
            #expect(
                failure { try team.cora.masterKey(1, team.vault.known, rows) }
                    == .unlock(.grantMissing(member: "cora", epoch: 1)))
            // Another member's grant does not open.
            let grant = try #require(try rows.grant(epoch: 1, member: team.bo.member.id.bytes))
            try rows.insertGrant(epoch: 1, member: team.cora.member.id.bytes, sealed: grant)
            #expect(
                failure { try team.cora.masterKey(1, team.vault.known, rows) }
                    == .integrity(.tampered(.grantRow(epoch: 1))))
        }
    }

    @Test func `reports a deposit that does not open or is invalid, without blocking other operations`()
        throws
    {
        let team = try Team()
        try team.test.custom("B", as: team.cora)
        // A modified program could deposit a value with a line feed, which would reach a header.
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
                    == .input(.depositUnusable(owner: name, field: "app-key")))
            #expect(try team.last().action == .refused)
        }
        #expect(
            failure { try team.test.rotate() }
                == .masterKey(.secretsNotResealed(["A: app-key", "B: app-key"], left: 2)))
        try team.test.set("A", "app-key", "mended")
        try team.vault.perform(RemoveOwner(.connection, "B"), as: bo)
        _ = try team.vault.perform(RotateMasterKey(resumeOnly: true), as: team.ana)
        #expect(try team.test.use("A") == "mended")
        try team.test.verify()
    }

    @Test func `a rotation seals deposits, and deposits during it use the new key`() throws {
        let team = try deposited()
        var hasDeposited = false
        let other = try team.test.second()
        defer { team.test.scene.onNotice = { _ in } }
        team.test.scene.onNotice = { notice in
            guard case .progress(.sealing, _, _) = notice, !hasDeposited else { return }
            hasDeposited = true
            #expect(throws: Never.self) {
                _ = try other.perform(SetSecret("app-key", of: "A", to: secret("concurrent")), as: team.cora)
            }
        }
        try team.test.rotate()
        #expect(hasDeposited)
        let row = try team.vault.perform(ShowOwner(nil, "A")).secrets[0]
        #expect(row.epoch == 2 && row.version == 3 && row.isDeposit)
        try team.test.verify()
        #expect(try team.test.use("A", as: team.bo) == "concurrent")
        try team.test.verify()
    }
}
