import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// The search index is derived from the rows of connections and clients: it is compared with them and rebuilt from them, and
/// damage to it blocks no operation (case 100).
struct SearchIndexTests {
    private static func filled() throws -> TestVault {
        let test = try TestVault()
        for (name, note) in [("Orders", "sales figures"), ("Invoices", "caf\u{e9}"), ("Stock", "")] {
            try test.custom(name, tags: [Owner.Tag(key: "env", value: "prod")], note: note)
        }
        try test.client("Shared")
        try test.edit("Orders", ["domain": ["other.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        try test.vault.perform(
            AnnotateOwner(.connection, "Stock", tags: [Owner.Tag(key: "team", value: "b")], note: nil),
            as: test.session)
        return test
    }

    private static func search(_ test: TestVault, _ text: String) throws -> [String] {
        var filter = OwnerFilter()
        filter.search = text
        return try test.names(filter)
    }

    /// What an attacker can do to the five tables of the index.
    static let damage: [String] = [
        "DELETE FROM words_config", "UPDATE words_config SET v = 3", "UPDATE words_config SET k = 'versions'",
        "INSERT INTO words_config VALUES ('automerge', 8)",
        "UPDATE words_content SET c0 = 'planted words' WHERE id = 1",
        "UPDATE words_content SET c0 = 'planted words' WHERE id = 1; INSERT INTO words(words) VALUES('rebuild')",
        "UPDATE words_content SET c0 = NULL WHERE id = 1",
        "UPDATE words_content SET c0 = c0 || ' more' WHERE id = 2",
        "DELETE FROM words_content WHERE id = 2", "DELETE FROM words_content",
        "DELETE FROM words WHERE rowid = 1",
        "INSERT INTO words_content VALUES (5, 'foreign')", "INSERT INTO words_content VALUES (99, 'foreign')",
        "INSERT INTO words (rowid, text) VALUES (99, 'foreign')",
        "INSERT INTO words (rowid, text) VALUES (-1, 'foreign')",
        "INSERT INTO words (rowid, text) VALUES (5, 'foreign')",
        "UPDATE words SET text = 'other' WHERE rowid = 3",
        "DELETE FROM words_data", "DELETE FROM words_data WHERE id = 1",
        "DELETE FROM words_data WHERE id = 10",
        "DELETE FROM words_data WHERE id > 10", "UPDATE words_data SET block = x'' WHERE id > 10",
        "UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 10",
        "UPDATE words_data SET block = substr(block, 1, length(block) - 1) WHERE id > 10",
        "UPDATE words_data SET block = CAST(block || x'00' AS BLOB) WHERE id = 10",
        "INSERT INTO words_data VALUES (1 << 50, x'00')", "DELETE FROM words_idx",
        "INSERT INTO words_idx VALUES (4000, x'61', 2)", "INSERT INTO words(words) VALUES('delete-all')",
    ]

    @Test("finds every change of the index, and rebuilds it from the rows (case 100)", arguments: damage)
    func repair(damage: String) throws {
        let test = try Self.filled()
        test.close()
        do { try test.raw(damage) } catch { return }
        let vault = try test.reopen()
        #expect(try test.faults() == [.searchIndex])
        #expect(try !vault.isSearchIndexWhole())
        try vault.repairSearchIndex()
        #expect(try vault.isSearchIndexWhole())
        #expect(try test.faults() == [])
        #expect(try Self.search(test, "sales") == ["Orders"])
        #expect(try Self.search(test, "cafe") == ["Invoices"])
        #expect(try Self.search(test, "planted foreign other") == [])
    }

    @Test("accepts an index that FTS5 has merged in part")
    func merging() throws {
        let test = try TestVault()
        for name in 0..<4 { try test.custom("C\(name)") }
        // Each transaction writes a segment of several pages; FTS5 itself would merge 16 of them at once.
        for number in 0..<9 {
            let note = (0..<1500).map { "w\($0 * 16 + number)" }.joined(separator: " ")
            try test.vault.perform(
                AnnotateOwner(.connection, "C\(number % 4)", tags: [], note: note), as: test.session)
        }
        let leftOver = """
            SELECT count(*) FROM words_idx i
            WHERE NOT EXISTS (SELECT 1 FROM words_data d WHERE d.id = (i.segid << 37) + (i.pgno >> 1))
            """
        var states: [Bool] = []
        for _ in 0..<5 {
            test.close()
            try test.raw("INSERT INTO words(words, rank) VALUES ('merge', 1)")
            states.append(try test.raw { try Int.fetchOne($0, sql: leftOver) ?? 0 } > 0)
            #expect(try test.reopen().isSearchIndexWhole())
            #expect(try test.faults() == [])
        }
        #expect(states.contains(true), "no merge was incomplete")
    }

    @Test("performs every operation with a damaged index (case 100)", arguments: damage)
    func changes(damage: String) throws {
        let test = try Self.filled()
        test.close()
        do { try test.raw(damage) } catch { return }
        try test.reopen()
        try test.custom("New", note: "brand new")
        try test.edit("Invoices", ["domain": ["third.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        try test.vault.perform(
            AnnotateOwner(.connection, "Orders", tags: [], note: "changed"), as: test.session)
        try test.vault.perform(RemoveOwner(.connection, "Stock"), as: test.session)
        #expect(try test.names() == ["Invoices", "New", "Orders"])
        // Verification reports what remains of the damage, and the repair fixes it.
        let faults = try test.faults()
        #expect(faults == [] || faults == [.searchIndex])
        try test.vault.repairSearchIndex()
        try test.verify()
        #expect(try Self.search(test, "brand") == ["New"])
    }

    @Test(
        "an import that finds a broken index rebuilds it, imports nothing and asks to be run again (case 100)"
    )
    func imports() throws {
        let test = try Self.filled()
        test.close()
        try test.raw("DELETE FROM words_config")
        try test.reopen()
        func run() throws -> Int {
            var left = 3
            return try test.vault.createAll(connector: "celonis", as: test.session) {
                left -= 1
                guard left >= 0 else { return nil }
                return OwnerDraft(
                    .connection, connector: "celonis", name: "Import \(left)",
                    settings: [
                        "api-type": ["intelligence"], "domain": ["a.us-1.celonis.cloud"],
                        "auth-type": ["custom"],
                    ],
                    secrets: ["app-key": secret("k")])
            }
        }
        #expect(failure { try run() } == .file(.searchIndex(isRebuilt: true)))
        #expect(try test.names().count == 3)
        #expect(try run() == 3)
        try test.verify()
    }

    @Test("a search in a broken index reports that it needs a repair (case 100)")
    func searches() throws {
        let test = try Self.filled()
        test.close()
        try test.raw("DELETE FROM words_config")
        try test.reopen()
        #expect(failure { try Self.search(test, "sales") } == .file(.searchIndex(isRebuilt: false)))
        #expect(try test.names().count == 3)
    }
}
