import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// Rows and columns that no operation depends on: verification accepts only one value for each.
struct StrayRowTests {
    private static func filled() throws -> TestVault {
        let test = try TestVault(credentials: [
            .keyFile(TestVault.key), .recovery(secret([UInt8](repeating: 8, count: 32))),
        ])
        try test.custom("A", note: "note")
        _ = try test.addMember("bo", .writer, key: secret([UInt8](repeating: 9, count: 32)))
        try test.rotate()
        for _ in 0..<270 { _ = try test.holds("app-key-value", "A", "app-key") }
        return test
    }

    private static func check(_ changes: [(String, (TestVault) -> [Tampering])]) throws {
        let test = try filled()
        try test.verify()
        let whole = try test.copy()
        for (sql, expected) in changes {
            try test.raw(sql)
            try test.reopen()
            #expect(try test.faults(secrets: false) == expected(test), "\(sql)")
            test.close()
            try test.restore(whole)
        }
    }

    @Test("reports heads and entries with impossible numbers (case 102)")
    func ledgerRows() throws {
        try Self.check([
            ("INSERT INTO heads VALUES (0, 'x')", { _ in [.strayRow(table: "heads", number: 0)] }),
            (
                "INSERT INTO heads SELECT 0, note FROM heads LIMIT 1",
                { _ in [.strayRow(table: "heads", number: 0)] }
            ),
            (
                "INSERT INTO heads VALUES (-1, 'x'), (-9223372036854775808, 'y')",
                { _ in [.strayRow(table: "heads", number: .min), .strayRow(table: "heads", number: -1)] }
            ),
            (
                "INSERT INTO entries (seq, entry) VALUES (-1, 'x')",
                { test in
                    [
                        .entryCutOut(expected: test.vault.size, found: test.vault.size + 1),
                        .strayRow(table: "entries", number: -1),
                    ]
                }
            ),
        ])
    }

    @Test("reports a head beyond the last entry, and an extra one in between (case 102)")
    func heads() throws {
        let test = try Self.filled()
        let whole = try test.copy()
        for sql in [
            "INSERT INTO heads SELECT 9223372036854775807, note FROM heads LIMIT 1",
            "INSERT INTO heads SELECT max(size) + 1, note FROM heads",
            "INSERT INTO heads VALUES (2, 'x')", "INSERT INTO heads SELECT 2, note FROM heads WHERE size = 5",
            "UPDATE heads SET size = size - 1 WHERE size = (SELECT min(size) FROM heads)",
        ] {
            test.close()
            try? FileManager.default.removeItem(atPath: test.anchors)
            try test.restore(whole)
            try test.raw(sql)
            let error = failure { try Vault.open(test.path, test.surroundings).perform(VerifyVault()) }
            guard case .integrity(.ledger)? = error else {
                Issue.record("\(sql): \(error as Any)")
                continue
            }
        }
    }

    @Test("reports tiles that are too long, too short, superfluous or missing (case 102)")
    func tiles() throws {
        let damaged = { (test: TestVault) in [Tampering.treeDamaged(size: test.vault.size)] }
        try Self.check(
            [
                "UPDATE tiles SET hashes = CAST(hashes || x'00' AS BLOB)",
                "UPDATE tiles SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 1",
                "UPDATE tiles SET hashes = substr(hashes, 1, 8191) WHERE level = 0",
                "UPDATE tiles SET hashes = x'' WHERE level = 1", "DELETE FROM tiles",
                "DELETE FROM tiles WHERE level = 1",
                "INSERT INTO tiles VALUES (0, 1, zeroblob(32))",
                "INSERT INTO tiles VALUES (0, -1, zeroblob(8192))",
                "INSERT INTO tiles VALUES (1, 1, x'')", "INSERT INTO tiles VALUES (2, 0, zeroblob(32))",
                "INSERT INTO tiles VALUES (-1, 0, zeroblob(32))",
                "UPDATE tiles SET position = 1 WHERE level = 0",
                "UPDATE tiles SET level = 2 WHERE level = 1",
            ].map { ($0, damaged) })
    }

    @Test("checks the kind of a slot against the ledger, and the format of each column (case 101)")
    func slots() throws {
        let altered = { (_: TestVault) in [Tampering.slotAltered(member: "ana")] }
        let ana = "member = (SELECT id FROM members WHERE name = 'ana') AND kind = 'key-file'"
        try Self.check(
            [
                "UPDATE slots SET kind = 'passphrase' WHERE \(ana)",
                "UPDATE slots SET kind = 'recovery' WHERE \(ana)",
                "UPDATE slots SET kind = 'other' WHERE \(ana)", "UPDATE slots SET kind = '' WHERE \(ana)",
                "UPDATE slots SET salt = x'' WHERE \(ana)",
                "UPDATE slots SET salt = CAST(salt || x'00' AS BLOB) WHERE \(ana)",
                "UPDATE slots SET memory = 268435456 WHERE \(ana)",
                "UPDATE slots SET passes = 3 WHERE \(ana)",
                "UPDATE slots SET sealed = substr(sealed, 2) WHERE \(ana)",
                "UPDATE slots SET sealed = CAST(sealed || x'00' AS BLOB) WHERE \(ana)",
                "UPDATE slots SET sealed = x'' WHERE \(ana)",
            ].map { ($0, altered) })
    }

    @Test("reports a slot with a changed kind when it is used (case 101)")
    func usedSlot() throws {
        let test = try Self.filled()
        try test.raw("UPDATE slots SET kind = 'passphrase' WHERE kind = 'key-file'")
        let vault = try test.reopen()
        #expect(failure { try test.unlock(vault) } == .integrity(.tampered(.slotAltered(member: "ana"))))
    }

    @Test("reports sealed keys with an invalid format (case 101)")
    func sealedKeys() throws {
        let grants = { (_: TestVault) in [Tampering.grantRow(epoch: 2)] }
        try Self.check([
            ("UPDATE grants SET sealed = CAST(sealed || x'00' AS BLOB)", grants),
            ("UPDATE grants SET sealed = x''", grants),
            ("UPDATE grants SET sealed = substr(sealed, 1, 79)", grants),
            (
                "UPDATE epochs SET sealed_previous = x'00'",
                { _ in [.epochRow(epoch: 2), .epochRow(epoch: 2)] }
            ),
        ])
    }

    @Test("compares names, notes, tags and settings byte by byte (case 99)")
    func bytes() throws {
        let test = try TestVault()
        try test.custom("Caf\u{e9}", tags: [Owner.Tag(key: "\u{e9}", value: "\u{e9}")], note: "\u{e9}")
        let whole = try test.copy()
        let (one, two) = ("char(233)", "'e' || char(769)")
        func content() throws -> [[UInt8]] {
            let sql = """
                SELECT name_key || name || note || settings FROM owners UNION ALL SELECT key || value FROM tags
                """
            return try test.raw { try String.fetchAll($0, sql: sql).map { Array($0.utf8) } }
        }
        let before = try content()
        var altered = 0
        for sql in [
            "UPDATE owners SET name_key = replace(name_key, \(two), \(one))",
            "UPDATE owners SET name_key = replace(name_key, \(one), \(two))",
            "UPDATE owners SET name_key = 'other'", "UPDATE owners SET name = replace(name, \(one), \(two))",
            "UPDATE owners SET note = replace(note, \(one), \(two))",
            "UPDATE tags SET key = replace(key, \(one), \(two))",
            "UPDATE tags SET value = replace(value, \(one), \(two))",
            "UPDATE owners SET settings = replace(settings, '{', '{ ')",
            "UPDATE owners SET settings = replace(settings, '\"domain\"', '\"d\\u006fmain\"')",
        ] {
            try test.raw(sql)
            let isSame = try content() == before
            try test.reopen()
            #expect(try test.faults(secrets: false).isEmpty == isSame, "\(sql)")
            if !isSame { altered += 1 }
            test.close()
            try test.restore(whole)
        }
        #expect(altered >= 8)
    }

    @Test("records a note that differs only in its normalization (case 99)")
    func annotate() throws {
        let test = try TestVault()
        try test.custom("A", tags: [Owner.Tag(key: "k", value: "\u{e9}")], note: "\u{e9}")
        try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "e\u{301}"), as: test.session)
        let note = try test.raw { try String.fetchOne($0, sql: "SELECT hex(note) FROM owners") }
        #expect(note == "65CC81")
        try test.verify()
        #expect(
            failure {
                try test.vault.perform(
                    AnnotateOwner(.connection, "A", tags: [], note: "e\u{301}"), as: test.session)
            } == .input(.nothingToDo("A")))
    }

    @Test("distinguishes a Kelvin sign from a K in a head (case 99)")
    func kelvin() throws {
        let test = try TestVault()
        try test.custom("A")
        for _ in 0..<40 {
            let note =
                try test.raw { try String.fetchOne($0, sql: "SELECT note FROM heads ORDER BY size DESC") }
                ?? ""
            if note.contains("K") { break }
            _ = try test.use("A")
        }
        let vault = try test.reopen()
        _ = try vault.perform(ShowOwner(.connection, "A"))
        try test.raw(
            "UPDATE heads SET note = replace(note, 'K', char(8490)) WHERE size = (SELECT max(size) FROM heads)"
        )
        #expect(failure { try vault.perform(ShowOwner(.connection, "A")) } != nil)
        #expect(failure { try test.verify(secrets: false) } != nil)
    }

    @Test("distinguishes file names that differ only in their normalization (case 99)")
    func verifiedFile() throws {
        let test = try TestVault()
        let store = AnchorStore(folder: test.folder + "/other-anchors")
        let anchor = test.vault.known.anchor(seen: test.scene.now)
        let folders = ["caf\u{e9}", "cafe\u{301}"].map { test.folder + "/" + $0 }
        for folder in folders {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            _ = FileManager.default.createFile(atPath: folder + "/vault.db", contents: nil)
        }
        try store.saveVerified(anchor, file: folders[0] + "/vault.db")
        #expect(try store.loadVerified(anchor.vault, file: folders[0] + "/vault.db") != nil)
        #expect(try store.loadVerified(anchor.vault, file: folders[1] + "/vault.db") == nil)
    }
}
