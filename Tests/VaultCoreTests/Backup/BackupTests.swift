import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Creating, verifying and restoring backups.
@Suite struct BackupTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func elsewhere(_ test: TestVault, _ name: String = "other") -> Surroundings {
        TestVault.surroundings(test.scene, test.folder + "/anchors-" + name)
    }

    // case 38, case 70
    @Test func `a backup is one private file that verifies, and the vault is unchanged`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let path = test.folder + "/a.backup"
        let size = test.vault.size
        let report = try test.vault.perform(BackUp(to: path))
        #expect(
            report.contents.entries == size && report.contents.owners == 1 && report.contents.secrets == 1)
        #expect(report.author == "ana" && report.newest == test.scene.now && report.contradiction == nil)
        #expect(try mode(path) == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: test.folder).filter { $0.hasPrefix("a.b") }
                == ["a.backup"])
        #expect(try Vault.verifyBackup(path, test.surroundings) == report)
        #expect(test.vault.size == size)
        try test.verify()
    }

    // case 38
    @Test func `a concurrent transaction is in a backup completely or not at all`() async throws {
        let test = try TestVault()
        try test.custom("A")
        let (path, now, anchors) = (test.path, test.scene.now, test.folder + "/writer")
        let writer = Task.detached {
            var surroundings = Surroundings(
                now: { now }, via: { Entry.Via(program: "test", user: "ana", host: "here") },
                anchors: AnchorStore(folder: anchors))
            surroundings.reason = nil
            let vault = try Vault.open(path, surroundings)
            let session = try vault.unlock(vault.member(named: "ana"), with: .keyFile(TestVault.key))
            for number in 0..<60 {
                _ = try vault.perform(
                    SetSecret("app-key", of: "A", to: secret("value-\(number)")), as: session)
            }
        }
        var sizes: [UInt64] = []
        for number in 0..<8 {
            let backup = test.folder + "/\(number).backup"
            sizes.append(try test.vault.perform(BackUp(to: backup)).contents.entries)
            #expect(try Vault.verifyBackup(backup, elsewhere(test)).contents.entries == sizes.last)
        }
        try await writer.value
        #expect(sizes == sizes.sorted())
        try test.reopen()
        #expect(try test.use("A") == "value-59")
    }

    @Test func `never overwrites an existing file`() throws {
        let test = try TestVault()
        let path = test.folder + "/there"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect(failure { try test.vault.perform(BackUp(to: path)) } == .backup(.fileExists(path: path)))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }

    @Test func `refuses to back up a tampered vault, and reports a tampered backup`() throws {
        let test = try TestVault()
        try test.custom("A")
        let good = test.folder + "/good"
        _ = try test.vault.perform(BackUp(to: good))
        try TestVault.raw(good) { try $0.execute(sql: "UPDATE owners SET note = 'x'") }
        guard
            case .integrity(.verificationFailed)? = failure({
                try Vault.verifyBackup(good, test.surroundings)
            })
        else {
            Issue.record("a changed backup is accepted")
            return
        }
        try test.raw("UPDATE owners SET note = 'x'")
        let path = test.folder + "/bad"
        guard case .integrity(.verificationFailed)? = failure({ try test.vault.perform(BackUp(to: path)) })
        else {
            Issue.record("a changed vault is backed up")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `reports a truncated backup, at any length`() throws {
        let test = try TestVault()
        try test.custom("A")
        let path = test.folder + "/whole"
        _ = try test.vault.perform(BackUp(to: path))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let cut = test.folder + "/cut"
        for count in [0, 1, 15, 99, 100, 4096, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(fileURLWithPath: cut))
            guard
                case .backup(.truncated(cut, UInt64(count), _))? = failure({
                    try Vault.verifyBackup(cut, test.surroundings)
                })
            else {
                Issue.record("cut at \(count)")
                continue
            }
        }
        try Data(repeating: 0x61, count: 5000).write(to: URL(fileURLWithPath: cut))
        #expect(failure { try Vault.verifyBackup(cut, test.surroundings) } == .file(.notAVault(path: cut)))
        #expect(
            failure { try Vault.verifyBackup(path + "x", test.surroundings) }
                == .backup(.noFile(path: path + "x")))
    }

    @Test func `restores a backup to a new path, with the same secrets`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let backup = test.folder + "/b"
        _ = try test.vault.perform(BackUp(to: backup))
        let path = test.folder + "/new/place/vault.db"
        let report = try Vault.restore(backup, to: path, replacing: false, elsewhere(test))
        #expect(report.contents.entries == test.vault.size)
        #expect(try mode(path) == 0o600 && mode(test.folder + "/new/place") == 0o700)
        let vault = try Vault.open(path, elsewhere(test))
        let session = try vault.unlock(vault.member(named: "ana"), with: .keyFile(TestVault.key))
        #expect(try vault.perform(VerifySecret("app-key", of: "A", against: secret("one")), as: session))
        try vault.perform(VerifyVault(), as: session)
    }

    // case 43
    @Test func `refuses to replace a vault or to go back in time by default`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let backup = test.folder + "/b"
        let old = try test.vault.perform(BackUp(to: backup)).contents.entries
        try test.set("A", "app-key", "two")
        let (now, seen) = (test.vault.size, test.scene.now)
        test.close()
        let before = try test.contents()
        #expect(
            failure { try Vault.restore(backup, to: test.path, replacing: false, test.surroundings) }
                == .backup(.vaultInPlace(path: test.path)))
        #expect(
            failure { try Vault.restore(backup, to: test.path, replacing: true, test.surroundings) }
                == .backup(.olderThanSeen(entries: old, seen: now, at: seen)))
        // Also when the vault is lost, and only the anchor remains.
        #expect(
            failure {
                try Vault.restore(backup, to: test.folder + "/w/v.db", replacing: false, test.surroundings)
            }
                == .backup(.olderThanSeen(entries: old, seen: now, at: seen)))
        #expect(!FileManager.default.fileExists(atPath: test.folder + "/w/v.db"))
        #expect(try test.contents() == before)
        _ = try Vault.restore(backup, to: test.path, replacing: true, test.surroundings) {
            try test.unlock($0)
        }
        try test.reopen()
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .acceptLedger && entry.change.details["seen_size"]?.integer == Int64(now))
        #expect(try test.use("A") == "one")
        try test.verify()
    }

    // case 43
    @Test func `only an admin can go back in time`() throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user)
        let backup = test.folder + "/b"
        _ = try test.vault.perform(BackUp(to: backup))
        try test.custom("A")
        test.close()
        #expect(
            failure {
                try Vault.restore(backup, to: test.path, replacing: true, test.surroundings) { _ in bo }
            }
                == .access(.forbidden(member: "bo", role: .user, action: .acceptLedger)))
        try test.reopen()
        #expect(try test.names() == ["A"])
    }

    // case 47
    @Test func `reports a backup of another branch as a fork`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        let backup = test.folder + "/b"
        try test.custom("A")
        try test.custom("B")
        _ = try test.vault.perform(BackUp(to: backup))
        let size = test.vault.size
        try test.fork(copy) { try test.custom("C") }
        let (seen, at) = (test.vault.size, test.scene.now)
        test.close()
        #expect(
            failure { try Vault.restore(backup, to: test.path, replacing: true, test.surroundings) }
                == .backup(.forked(entries: size, seen: seen, at: at)))
    }

    @Test func `refuses to replace a vault in use, another vault or another file`() throws {
        let test = try TestVault()
        let backup = test.folder + "/b"
        _ = try test.vault.perform(BackUp(to: backup))
        #expect(
            failure { try Vault.restore(backup, to: test.path, replacing: true, test.surroundings) }
                == .file(.inUse(path: test.path)))
        let other = try TestVault()
        other.close()
        guard
            case .backup(.cannotReplace(other.path, _))? = failure({
                try Vault.restore(backup, to: other.path, replacing: true, test.surroundings)
            })
        else {
            Issue.record("another vault is replaced")
            return
        }
        try other.reopen()
        let file = test.folder + "/v/text"
        try Data("my text".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(failure { try Vault.restore(backup, to: file, replacing: true, test.surroundings) } != nil)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "my text")
    }

    // case 40: an added table is gone with the damaged file
    @Test func `replaces a damaged vault by its backup`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let backup = test.folder + "/b"
        _ = try test.vault.perform(BackUp(to: backup))
        test.close()
        try test.raw("CREATE TABLE added (x); DELETE FROM secrets")
        #expect(failure { try test.reopen() } != nil)
        _ = try Vault.restore(backup, to: test.path, replacing: true, test.surroundings)
        try test.reopen()
        #expect(try test.use("A") == "one")
        try test.verify()
    }

    @Test func `a restore does not drop concurrent changes (case 88)`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let path = test.folder + "/a.backup"
        _ = try test.vault.perform(BackUp(to: path))
        try test.set("A", "app-key", "two")
        test.close()
        let failed = failure {
            try Vault.restore(path, to: test.path, replacing: true, test.surroundings) { backup in
                let other = try test.second()
                _ = try other.perform(
                    SetSecret("app-key", of: "A", to: secret("three")), as: try test.unlock(other))
                return try test.unlock(backup)
            }
        }
        #expect(failed == .input(.changedConcurrently(name: test.path)))
        try test.reopen()
        #expect(try test.use("A") == "three")
    }

    @Test func `refuses a change after another file has replaced the vault (case 88)`() throws {
        let test = try TestVault()
        try test.custom("A", key: "one")
        let other = test.path + ".other"
        try test.copy().write(to: URL(filePath: other))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: other)
        #expect(unsafe rename(other, test.path) == 0)
        #expect(failure { try test.set("A", "app-key", "two") } == .file(.moved(path: test.path)))
    }
}
