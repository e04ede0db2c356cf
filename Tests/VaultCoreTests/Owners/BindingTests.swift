import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore
@testable import VaultRegistry

/// The binding of sealed secrets to their rows, and of rows to the ledger.
@Suite struct BindingTests {
    // case 2
    @Test func `refuses blobs that are swapped between connections`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        try test.custom("B", key: "value-of-b")
        let (a, b) = (try test.blob("A", "app-key"), try test.blob("B", "app-key"))
        try test.setBlob("A", "app-key", b)
        try test.setBlob("B", "app-key", a)
        for name in ["A", "B"] {
            #expect(
                failure { try test.use(name) }
                    == .integrity(.tampered(.secretExchanged(owner: name, field: "app-key")))
            )
        }
        #expect(
            try test.faults() == [
                .secretExchanged(owner: "A", field: "app-key"),
                .secretExchanged(owner: "B", field: "app-key"),
            ])
    }

    // case 2
    @Test func `refuses blobs that are swapped between fields`() throws {
        let test = try TestVault()
        try test.postgresql("P")
        let fields = try test.raw { try String.fetchAll($0, sql: "SELECT field FROM secrets ORDER BY field") }
        #expect(fields == ["certificate-key", "password"])
        let (one, other) = (try test.blob("P", fields[0]), try test.blob("P", fields[1]))
        try test.setBlob("P", fields[0], other)
        try test.setBlob("P", fields[1], one)
        #expect(try test.faults() == fields.map { .secretExchanged(owner: "P", field: $0) })
    }

    // cases 2 and 4: the older blob alone, in the newer row
    @Test func `refuses the blob of an older version`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        let old = try test.blob("A", "app-key")
        try test.set("A", "app-key", "newer-value")
        #expect(try test.use("A") == "newer-value")
        try test.setBlob("A", "app-key", old)
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
        #expect(try test.faults() == [.secretExchanged(owner: "A", field: "app-key")])
    }

    // case 4: the whole row
    @Test func `refuses an older row that replaces the newer one`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        let old = try test.row("A")
        try test.set("A", "app-key", "newer-value")
        try test.putBack(old)
        let stale = Tampering.secretStale(owner: "A", field: "app-key", found: 1, signed: 2)
        #expect(failure { try test.use("A") } == .integrity(.tampered(stale)))
        #expect(try test.faults() == [stale])
    }

    // case 4: the whole row, with the newer version's number
    @Test func `refuses an older row with a forged version`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        let old = try test.row("A")
        try test.set("A", "app-key", "newer-value")
        try test.putBack(old)
        try test.raw("UPDATE secrets SET version = 2")
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
        #expect(try test.faults() == [.secretExchanged(owner: "A", field: "app-key")])
    }

    // case 4
    @Test func `refuses an older row next to the newer one`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        let old = try test.row("A")
        try test.set("A", "app-key", "newer-value")
        try test.raw { try test.insert(old, $0) }
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretUnsigned(owner: "A", field: "app-key"))))
        #expect(try test.faults() == [.secretUnsigned(owner: "A", field: "app-key")])
    }

    // case 4: the row and the settings together
    @Test func `refuses the row and settings from before an edit`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a", domain: "old.us-1.celonis.cloud")
        let old = try test.row("A")
        let settings = try test.raw { try String.fetchOne($0, sql: "SELECT settings FROM owners") }
        try test.edit("A", ["domain": ["new.us-1.celonis.cloud"]], secrets: ["app-key": "value-of-a"])
        try test.putBack(old)
        try test.raw("UPDATE owners SET settings = ?", [settings])
        let moment = test.scene.now
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.settingsChanged(owner: "A", signedBy: "ana", at: moment))))
    }

    // case 4
    @Test func `refuses restored rows of a removed connection`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        try test.custom("B")
        let old = try test.row("A")
        let owner = try #require(
            try test.raw { try Row.fetchOne($0, sql: "SELECT * FROM owners WHERE name = 'A'") })
        try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        try test.raw { db in
            try test.insert(old, db)
            try test.insert(owner, into: "owners", db)
        }
        #expect(failure { try test.use("A") } == .integrity(.tampered(.ownerUnsigned(owner: "A"))))
        #expect(try test.faults() == [.ownerUnsigned(owner: "A")])
    }

    // case 2
    @Test func `refuses a blob from another vault`() throws {
        let test = try TestVault()
        let other = try TestVault()
        try test.custom("A", key: "value-of-a")
        try other.custom("A", key: "value-of-b")
        try test.setBlob("A", "app-key", try other.blob("A", "app-key"))
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
    }

    // case 2: the same name, settings, field, version and epoch, but another identifier
    @Test func `refuses a blob of a removed owner with the same name`() throws {
        let test = try TestVault()
        try test.custom("A", key: "value-of-a")
        let old = try test.blob("A", "app-key")
        try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        try test.custom("A", key: "value-of-b")
        try test.setBlob("A", "app-key", old)
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
    }

    // case 5
    @Test func `reports a secret with a deleted row, and does not use it`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.raw("DELETE FROM secrets")
        let missing = Tampering.secretMissing(owner: "A", field: "app-key")
        #expect(failure { try test.use("A") } == .integrity(.tampered(missing)))
        #expect(failure { try test.holds("x", "A", "app-key") } == .integrity(.tampered(missing)))
        #expect(try test.faults(secrets: false) == [missing])
    }

    // case 5
    @Test(arguments: [[], [0x01], [UInt8](repeating: 0, count: 145)])
    func `reports a secret with an emptied blob, and does not use it`(blob: [UInt8]) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.setBlob("A", "app-key", Data(blob))
        let emptied = Tampering.secretEmptied(owner: "A", field: "app-key")
        #expect(failure { try test.use("A") } == .integrity(.tampered(emptied)))
        #expect(try test.faults(secrets: false) == [emptied])
    }

    // case 5
    @Test func `reports a connection with deleted rows`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        let seq = try #require(try test.entries().last { $0.object.name == "A" }?.seq)
        try test.raw("DELETE FROM secrets WHERE owner = 1; DELETE FROM owners WHERE id = 1")
        #expect(try test.faults(secrets: false) == [.ownerMissing(name: "A", seq: seq)])
    }

    // case 7
    @Test func `distinguishes names that concatenate to the same text`() throws {
        let test = try TestVault()
        try test.custom("a:b", key: "one")
        try test.custom("a", key: "two")
        try test.custom("a b", key: "three")
        #expect(try ["a:b", "a", "a b"].map { try test.use($0) } == ["one", "two", "three"])
        try test.setBlob("a", "app-key", try test.blob("a:b", "app-key"))
        #expect(
            failure { try test.use("a") }
                == .integrity(.tampered(.secretExchanged(owner: "a", field: "app-key"))))
    }

    // case 12
    @Test func `accepts a secret of the maximum size, and refuses a longer or an empty one`() throws {
        let test = try TestVault()
        try test.custom("A")
        let limit = try test.vault.perform(FindSecretField("app-key", of: "A")).field.maximumLength
        let largest = String(repeating: "k", count: limit)
        try test.set("A", "app-key", largest)
        #expect(try test.use("A") == largest)
        for value in [largest + "k", "", "  ", "nul\u{0}byte"] {
            guard case .input(.invalid(let problems))? = failure({ try test.set("A", "app-key", value) })
            else {
                Issue.record("accepted: \(value.utf8.count) bytes")
                continue
            }
            #expect(problems.map(\.field) == ["app-key"])
        }
        #expect(try test.use("A") == largest)
    }

    // case 12
    @Test func `reveals only the padded length of a secret`() throws {
        let test = try TestVault()
        for length in [1, 2, 63, 64, 127] {
            try test.custom("A\(length)", key: String(repeating: "k", count: length))
        }
        let lengths = try test.raw {
            try Int.fetchAll($0, sql: "SELECT length(sealed) FROM secrets ORDER BY id")
        }
        #expect(lengths[0] == lengths[1] && lengths[1] == lengths[2])
        #expect(lengths[3] == lengths[4] && lengths[3] == lengths[0] + 64)
    }
}

extension TestVault {
    /// The row of an owner's only secret.
    func row(_ owner: String) throws -> Row {
        try raw { db in
            try #require(
                try Row.fetchOne(
                    db, sql: "SELECT secrets.* FROM secrets JOIN owners ON owners.id = owner WHERE name = ?",
                    arguments: [owner]))
        }
    }

    /// Replaces the secrets of an owner with one older row.
    func putBack(_ row: Row) throws {
        try raw { db in
            try db.execute(sql: "DELETE FROM secrets WHERE owner = ?", arguments: [row["owner"] as Int64])
            try insert(row, db)
        }
    }

    func insert(_ row: Row, into table: String = "secrets", _ db: Database) throws {
        // SQLite refuses values for the generated column, which is the last one.
        let columns = Array(row.columnNames).filter { $0 != "due_at" }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let taken = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id = ?)", arguments: [row["id"] as Int64])
        var values: [DatabaseValue] = columns.map { row[$0] }
        if taken == true { values[0] = .null }
        try db.execute(sql: "INSERT INTO \(table) VALUES (\(marks))", arguments: StatementArguments(values))
    }

    private static let certificate =
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----"

    func postgresql(_ name: String) throws {
        try vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "postgresql", name: name,
                    settings: [
                        "host": ["db.example.com"], "database": ["d"], "user": ["u"],
                        "ca": [Self.certificate],
                        "certificate": [Self.certificate],
                    ], secrets: ["password": secret("pw"), "certificate-key": secret("client-key")])),
            as: session)
    }
}
