import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Versions of secrets, their labels and their destruction, and attacks on them.
@Suite struct VersionTests {
    @Test func `rolling back and forth only moves labels`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.replace("A", "new")
        let blobs = try test.raw { try Data.fetchAll($0, sql: "SELECT sealed FROM secrets ORDER BY version") }
        try test.rollBack("A")
        #expect(try test.labels("A") == ["1 current", "2 previous"])
        #expect(try test.use("A") == "old")
        try test.rollBack("A")
        #expect(try test.use("A") == "new")
        #expect(
            try test.raw { try Data.fetchAll($0, sql: "SELECT sealed FROM secrets ORDER BY version") }
                == blobs)
        try test.verify()
    }

    @Test func `never reuses the number of a destroyed version`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.start("A", ["app-key": "x"])
        _ = try test.vault.perform(AbortRotation(of: "A"), as: test.session)
        try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "n"), as: test.session)
        #expect(try test.start("A", ["app-key": "y"]).versions.map(\.version) == [3])
        try test.finish("A", untested: true)
        _ = try test.vault.perform(DestroyVersion(1, of: "app-key", of: "A"), as: test.session)
        #expect(try test.set("A", "app-key", "z") == 4)
        try test.start("A", ["app-key": "w"])
        _ = try test.vault.perform(AbortRotation(of: "A"), as: test.session)
        try test.edit("A", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": "v"])
        #expect(try test.labels("A") == ["6 current"])
        let known = try test.vault.perform(ListVersions(of: "A"))
        #expect(known.map(\.version) == [1, 2, 3, 4, 5, 6])
        #expect(known.map(\.label) == [nil, nil, nil, nil, nil, .current])
        #expect(known[1].destroyedBy == "ana")
        try test.verify()
    }

    // case 4
    @Test func `refuses the blob of an aborted version under a later number`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "leaked"])
        let blob = try test.raw {
            try #require(try Data.fetchOne($0, sql: "SELECT sealed FROM secrets WHERE version = 2"))
        }
        _ = try test.vault.perform(AbortRotation(of: "A"), as: test.session)
        try test.replace("A", "new")
        try test.raw("UPDATE secrets SET sealed = ? WHERE label = 'current'", [blob])
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
    }

    @Test func `the next change destroys a version past its overlap, and records it`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.custom("B", key: "other")
        try test.replace("A", "new")
        test.advance(hours: 23)
        _ = try test.use("B")
        #expect(try test.labels("A") == ["1 previous", "2 current"])
        test.advance(hours: 2)
        // A change by a member who cannot rotate destroys nothing.
        let writer =
            try test.vault.state.member(named: "wr") == nil ? test.addMember("wr", .writer) : test.session
        #expect(try test.labels("A") == ["2 current"])
        try test.replace("A", "newest")
        test.advance(hours: 25)
        #expect(failure { try test.use("A", as: writer) } != nil)
        #expect(try test.labels("A") == ["2 previous", "3 current"])
        _ = try test.use("B")
        #expect(try test.labels("A") == ["3 current"])
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .destroySecret && entry.object.name == "A")
        #expect(entry.change.details["why"]?.string == "the overlap ended")
        try test.verify()
    }

    // case 42
    @Test func `leaves nothing of a destroyed version on disk`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        func blob(_ version: Int) throws -> [UInt8] {
            Array(
                try test.raw {
                    try #require(
                        try Data.fetchOne(
                            $0, sql: "SELECT sealed FROM secrets WHERE version = ?", arguments: [version]))
                })
        }
        func isGone(_ blob: [UInt8]) throws -> Bool {
            try test.bytesOnDisk().values.allSatisfy { !$0.contains(Array(blob[10..<90])) }
        }
        try test.start("A", ["app-key": "aborted"])
        let aborted = try blob(2)
        #expect(try !isGone(aborted))
        _ = try test.vault.perform(AbortRotation(of: "A"), as: test.session)
        #expect(try isGone(aborted))
        let first = try blob(1)
        try test.replace("A", "new")
        test.advance(hours: 25)
        _ = try test.use("A")
        #expect(try isGone(first))
    }

    @Test func `a rotation of the master key reseals pending and previous versions`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.replace("A", "new")
        try test.start("A", ["app-key": "newer"])
        #expect(try test.vault.perform(RotateMasterKey(), as: test.session).resealed == 3)
        #expect(try test.verify().opened == 3)
        try test.rollBack("A")
        #expect(try test.use("A") == "old")
        try test.finish("A", untested: true)
        #expect(try test.use("A") == "newer")
    }

    // case 27
    @Test(arguments: [
        "UPDATE secrets SET label = CASE label WHEN 'pending' THEN 'current' ELSE 'pending' END WHERE version > 1",
        "UPDATE secrets SET label = 'current' WHERE label = 'previous'",
        "UPDATE secrets SET keep_until = '2026-01-01T00:00:00Z' WHERE label = 'previous'",
        "UPDATE secrets SET keep_until = NULL", "UPDATE secrets SET rotate_by = '2099-01-01T00:00:00Z'",
        "DELETE FROM secrets WHERE label = 'pending'", "DELETE FROM secrets WHERE label = 'previous'",
    ])
    func `refuses unsigned labels and dates`(sql: String) throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.replace("A", "new")
        try test.start("A", ["app-key": "pending"])
        try test.raw(sql)
        #expect(try !test.faults().isEmpty)
        for attempt in [
            { _ = try test.use("A") }, { try test.finish("A", untested: true) }, { try test.rollBack("A") },
        ] {
            guard case .integrity(.tampered)? = failure(attempt) else {
                Issue.record("accepted")
                return
            }
        }
        // A forged date destroys nothing.
        let count = try test.raw { try Int.fetchOne($0, sql: "SELECT count(*) FROM secrets") }
        try test.custom("B")
        #expect(try test.raw { try Int.fetchOne($0, sql: "SELECT count(*) FROM secrets") } == count! + 1)
    }

    @Test(arguments: [
        "set_at = '2020-01-01T00:00:00Z'", "set_by = 'bo'", "expires_at = '2030-01-01T00:00:00Z'",
        "expires_at = NULL", "tested_at = '2020-01-01T00:00:00Z'", "used_at = '2020-01-01T00:00:00Z'",
    ])
    func `reports a date that differs from the ledger`(change: String) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.set("A", "app-key", "x", expires: Timestamp(text: "2027-01-01T00:00:00Z"))
        _ = try test.use("A")
        try test.verify()
        try test.raw("UPDATE secrets SET \(change)")
        #expect(try test.faults() == [.secretMisdated(owner: "A", field: "app-key", version: 2)])
    }
}
