import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// The vault file: durability, schema checks and secure deletion.
@Suite struct StorageTests {
    // case 35
    @Test func `every connection writes durably and overwrites deleted data`() throws {
        let test = try TestVault()
        try test.custom("A")
        for vault in [try #require(test.vault), try test.second(), try test.reopen()] {
            let pragmas = ["synchronous", "secure_delete", "foreign_keys", "trusted_schema"]
            let read = try vault.file.exclusively { db in try pragmas.map { try db.number("PRAGMA \($0)") } }
            #expect(read == [2, 1, 1, 0])
            #expect(try vault.file.exclusively { try $0.text("PRAGMA journal_mode") } == "wal")
            #expect(try vault.file.write { try $0.db.number("PRAGMA synchronous") } == 2)
        }
    }

    // case 40
    @Test(
        arguments: [
            ("CREATE TRIGGER t AFTER INSERT ON secrets BEGIN DELETE FROM tags; END", "CREATE TRIGGER t"),
            ("CREATE VIEW w AS SELECT * FROM secrets", "CREATE VIEW w"),
            ("CREATE TABLE mine (a)", "CREATE TABLE mine"),
            ("CREATE INDEX i ON secrets (epoch)", "CREATE INDEX i"),
            ("DROP INDEX tags_by_value", "CREATE INDEX tags_by_value"),
            ("DROP TABLE tags", "CREATE INDEX tags_by_value"),
            ("ALTER TABLE secrets ADD COLUMN more TEXT", "CREATE TABLE secrets"),
        ])
    func `refuses a file with a changed schema`(attack: String, object: String) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.raw(attack)
        test.close()
        guard case .file(.alteredSchema(test.path, let named))? = failure({ try test.reopen() }) else {
            Issue.record("the changed schema is accepted")
            return
        }
        #expect(named.hasPrefix(object), "\(named)")
    }

    // case 40
    @Test func `refuses a file of a newer version or of another program`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.raw("PRAGMA user_version = 99")
        guard case .file(.tooNew(test.path, 99, _))? = failure({ try test.reopen() }) else {
            Issue.record("expected tooNew")
            return
        }
        try test.restore(copy)
        try test.raw("PRAGMA application_id = 7")
        #expect(
            failure { try test.reopen() }
                == .file(.damaged(path: test.path, detail: "invalid application ID in its header")))
        try test.restore(Data("this is no database, but it is long enough for one".utf8))
        #expect(failure { try test.reopen() } == .file(.notAVault(path: test.path)))
        try test.restore(Data())
        #expect(failure { try test.reopen() } == .file(.noVault(path: test.path)))
    }

    // case 42
    @Test(arguments: ["set", "edit", "remove", "rotate"])
    func `leaves nothing of a replaced secret on disk`(operation: String) throws {
        let test = try TestVault()
        try test.custom("A")
        for number in 0..<5 { try test.custom("B\(number)") }
        let old = Array(try test.blob("A", "app-key"))
        let places = try test.bytesOnDisk().filter { $0.value.contains(old) }
        #expect(!places.isEmpty)
        switch operation {
        case "set": try test.set("A", "app-key", "newer")
        case "edit": try test.edit("A", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": "newer"])
        case "remove": try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        default: try test.rotate()
        }
        for (name, bytes) in try test.bytesOnDisk() {
            #expect(!bytes.contains(Array(old[1..<65])), "the salt and commitment are in \(name)")
            #expect(!bytes.contains(Array(old.suffix(48))), "the ciphertext is in \(name)")
        }
    }

    // case 42
    @Test func `leaves nothing of a removed slot or a retired key on disk`() throws {
        let test = try TestVault()
        let id = try test.vault.perform(AddSlot(.recovery(TestVault.key)), as: test.session)
        let slot = try test.raw { db in
            Array(
                try #require(try Data.fetchOne(db, sql: "SELECT sealed FROM slots WHERE kind = 'recovery'")))
        }
        try test.vault.perform(RemoveSlot(id), as: test.session)
        let grant = try test.raw { db in
            Array(try #require(try Data.fetchOne(db, sql: "SELECT sealed FROM grants")))
        }
        try test.rotate()
        for (name, bytes) in try test.bytesOnDisk() {
            #expect(!bytes.contains(slot), "the slot is in \(name)")
            #expect(!bytes.contains(grant), "the grant is in \(name)")
        }
    }

    // cases 32 and 49: the disk is full at each possible page
    @Test(arguments: ["create", "set", "edit", "annotate", "remove", "use", "verify", "slot", "rotate"])
    func `rolls back an operation when its entry cannot be written`(operation: String) throws {
        let test = try TestVault()
        try test.custom("A", note: String(repeating: "n", count: 300))
        // Fill the pages, so that an entry needs a new one.
        try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "short"), as: test.session)
        try test.raw("VACUUM")
        let copy = try test.copy()
        var refused = 0
        for extra in 0..<40 {
            try test.restore(copy, forgettingAnchors: true)
            let vault = try test.reopen()
            try vault.file.write { rows in
                let pages = try rows.db.number("PRAGMA page_count") ?? 0
                try rows.db.execute("PRAGMA max_page_count = \(pages + Int64(extra))")
            }
            let before = try test.contents()
            test.scene.reason = String(repeating: "r", count: 20_000)
            defer { test.scene.reason = nil }
            vault.surroundings.reason = test.scene.reason
            guard let error = failure({ try perform(operation, test) }) else { break }
            refused += 1
            let full = VaultError.file(.full(path: test.path))
            if error == .masterKey(.rotationStopped(epoch: 2, because: full)) {
                // The error says that the epoch has begun; the next rotation resumes it.
                #expect(operation == "rotate")
            } else {
                #expect(error == full)
                #expect(try test.contents() == before)
            }
            test.scene.reason = nil
            try test.reopen()
            try test.verify()
        }
        #expect(refused > 0 && refused < 40)
        #expect(try test.verify().entries > 0)
    }

    private func perform(_ operation: String, _ test: TestVault) throws {
        switch operation {
        case "create": try test.custom("B")
        case "set": try test.set("A", "app-key", "newer")
        case "edit": try test.edit("A", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        case "annotate":
            try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "other"), as: test.session)
        case "remove": try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        case "use": _ = try test.use("A")
        case "verify": _ = try test.holds("app-key-value", "A", "app-key")
        case "slot": _ = try test.vault.perform(AddSlot(.recovery(TestVault.key)), as: test.session)
        default: try test.rotate()
        }
    }

    @Test func `does not overwrite an existing vault`() throws {
        let test = try TestVault()
        let error = failure {
            try Vault.create(test.path, by: "eve", credentials: [.keyFile(TestVault.key)], test.surroundings)
        }
        #expect(error == .file(.vaultExists(path: test.path)))
        #expect(try test.reopen().state.members.map(\.name) == ["ana"])
        try test.verify()
    }

    @Test func `creates a vault in the empty file of an interrupted creation`() throws {
        let test = try TestVault()
        try test.restore(Data())
        let (vault, _) = try Vault.create(
            test.path, by: "bo", credentials: [.keyFile(TestVault.key)], test.surroundings)
        #expect(vault.state.members.map(\.name) == ["bo"])
    }
}

extension TestVault {
    /// Every row of the tables, as text.
    func contents() throws -> [String] {
        try raw { db in
            try ["entries", "heads", "owners", "tags", "secrets", "members", "slots", "epochs", "grants"]
                .flatMap { table in
                    try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map {
                        "\(table) \($0.debugDescription)"
                    }
                }
        }
    }
}
