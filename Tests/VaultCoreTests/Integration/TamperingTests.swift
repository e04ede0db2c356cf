import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultLedger

@testable import VaultCore

/// Changes of every column of every table in a vault with a history. Verification refuses each one, except for the columns
/// that are listed here with a reason.
@Suite struct TamperingTests {
    /// What verification does not cover, and why that is acceptable.
    static let uncovered: [String: String] = [
        "secrets.id": "no other row refers to it",
        "slots.kind": "bound to the slot's seal: it does not unlock",
        "slots.salt": "bound to the slot's seal: it does not unlock",
        "slots.memory": "bound to the slot's seal: it does not unlock, and cannot leave its bounds",
        "slots.passes": "bound to the slot's seal: it does not unlock, and cannot leave its bounds",
        "slots.sealed": "only its member can open it",
        "grants.sealed": "only its member can open it",
        "heads DELETE": "the next head covers the same entries, if the same member signed both",
        "words_content.c0": "search index; nothing else depends on it",
        "words_content.id": "search index; nothing else depends on it",
        "words_content DELETE": "search index; nothing else depends on it",
        "owners.id": "for an owner without other rows, no row refers to it",
    ]

    static let tables = [
        "entries", "heads", "tiles", "members", "slots", "epochs", "grants", "connectors", "owners", "tags",
        "secrets", "tests",
        "words_content",
    ]

    private func filled() throws -> TestVault {
        let test = try TestVault(credentials: [.keyFile(TestVault.key), .recovery(TestVault.key)])
        _ = try test.vault.perform(AddSlot(.passphrase(secret("correct horse"))), as: test.session)
        _ = try test.addMember("bo", .user)
        _ = try test.addMember("cy", .auditor)
        _ = try test.vault.perform(AddConnector(ConnectorTests.source, from: "f"), as: test.session)
        var model = Model(seed: 7)
        for _ in 0..<16 { try model.step(test) }
        try test.client("C")
        try test.oauth("O", client: "C")
        try test.custom("A", tags: [Owner.Tag(key: "k", value: "v")], note: "n")
        try test.set("A", "app-key", "newer", expires: test.scene.now)
        // Two deposits that no unlock has sealed yet.
        let dan = try test.addMember("dan", .writer)
        try test.custom("D", as: dan)
        try test.set("A", "app-key", "newest", as: dan)
        // More than one tile.
        try test.vault.change(as: test.session) { transaction in
            for number in 0..<260 {
                try transaction.record(Refusal(what: "\(number)", why: "test", name: ""))
            }
        }
        try test.verify(secrets: false)
        return test
    }

    /// Whether a user with a key, but without an anchor, refuses the vault.
    static func isRefused(_ test: TestVault) -> Bool {
        let anchors = test.folder + "/stranger-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: anchors) }
        let stranger = TestVault.surroundings(test.scene, anchors)
        return failure {
            let vault = try Vault.open(test.path, stranger)
            return try vault.perform(VerifyVault(), as: try test.unlock(vault))
        } != nil
    }

    private static func changed(_ value: DatabaseValue, _ number: Int) -> DatabaseValue {
        switch value.storage {
        case .null: "x".databaseValue
        case .int64(let integer): (integer + 1_000_000).databaseValue
        case .double(let double): (double + 1).databaseValue
        case .string(let text):
            switch text {
            case "connection": "client".databaseValue
            case "client": "connection".databaseValue
            case "admin", "user", "auditor": "writer".databaseValue
            case "current": "previous".databaseValue
            default: (String(text.dropLast()) + (text.last == "x" ? "y" : "x")).databaseValue
            }
        case .blob(let data):
            {
                var bytes = Array(data)
                if bytes.isEmpty { bytes = [1] } else { bytes[number % bytes.count] ^= 1 }
                return Data(bytes).databaseValue
            }()
        }
    }

    @Test func `verification covers every column except the listed ones`() throws {
        let test = try filled()
        let copy = try test.copy()
        var accepted: Set<String> = []
        var numbers = SeededGenerator(seed: 11)
        for table in Self.tables {
            let (columns, count) = try test.raw { db in
                (
                    try db.columns(in: table).map(\.name),
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
                )
            }
            // Up to four rows of each table.
            let places = Array(0..<count).shuffled(using: &numbers).prefix(4).sorted()
            for place in places {
                for column in columns + ["DELETE"] {
                    try test.restore(copy)
                    guard try Self.tamper(test, table, column, place, numbers: &numbers) else { continue }
                    if !Self.isRefused(test) {
                        accepted.insert(column == "DELETE" ? "\(table) DELETE" : "\(table).\(column)")
                    }
                }
            }
        }
        let unlisted = accepted.subtracting(Self.uncovered.keys).sorted()
        #expect(unlisted == [], "verification accepts changes of these")
    }

    /// Changes one value, or deletes one row.
    ///
    /// - Returns: false when SQLite refuses the change.
    static func tamper(
        _ test: TestVault, _ table: String, _ column: String, _ place: Int, numbers: inout SeededGenerator
    ) throws -> Bool {
        let random = Int.random(in: 0..<10_000, using: &numbers)
        return try test.raw { db in
            let key = try db.primaryKey(table).columns
            let row = try #require(
                try Row.fetchOne(
                    db,
                    sql:
                        "SELECT * FROM \(table) ORDER BY \(key.joined(separator: ", ")) LIMIT 1 OFFSET \(place)"
                ))
            let condition = key.map { "\($0) = ?" }.joined(separator: " AND ")
            let keys = key.map { row[$0] as DatabaseValue }
            do {
                if column == "DELETE" {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE \(condition)", arguments: StatementArguments(keys))
                } else {
                    let value = Self.changed(row[column], random)
                    try db.execute(
                        sql: "UPDATE \(table) SET \(column) = ? WHERE \(condition)",
                        arguments: StatementArguments([value] + keys))
                }
            } catch is DatabaseError {
                return false
            }
            return db.changesCount == 1
        }
    }

    @Test(
        arguments: [
            "INSERT INTO tags VALUES (999, 'k', 'v')",
            "INSERT INTO secrets SELECT 999, 999, epoch, version, field, label, settings_digest, set_at, set_by, NULL, sealed, NULL, NULL, NULL, NULL, NULL FROM secrets LIMIT 1",
            "INSERT INTO slots SELECT randomblob(16), randomblob(16), kind, salt, memory, passes, sealed FROM slots LIMIT 1",
            "INSERT INTO slots SELECT randomblob(16), member, kind, salt, memory, passes, sealed FROM slots LIMIT 1",
            "INSERT INTO grants SELECT 99, member, sealed FROM grants LIMIT 1",
            "INSERT INTO grants SELECT epoch, (SELECT id FROM members WHERE name = 'cy'), sealed FROM grants LIMIT 1",
            "INSERT INTO members SELECT randomblob(16), 'eve', 'admin', sign_key, receive_key FROM members LIMIT 1",
            "INSERT INTO connectors VALUES ('other', 'x')",
            "INSERT INTO owners SELECT NULL, randomblob(16), kind, connector, 'twin', 'twin', settings, note, client FROM owners LIMIT 1",
            "INSERT INTO heads SELECT size + 1000, note FROM heads LIMIT 1",
            "INSERT INTO entries (seq, entry) SELECT max(seq) + 1, entry FROM entries",
            "INSERT INTO entries (seq, entry) SELECT max(seq) + 1000, entry FROM entries",
            "INSERT INTO entries (seq, entry) SELECT -5, entry FROM entries LIMIT 1",
        ])
    func `refuses inserted rows`(attack: String) throws {
        let test = try TestVault()
        _ = try test.addMember("cy", .auditor)
        try test.custom("A")
        try test.raw(attack)
        #expect(Self.isRefused(test))
    }
}
