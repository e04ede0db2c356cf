import Foundation
import GRDB
import TestSupport
import Testing

@testable import VaultStore

// Access to the file with SQLite alone, past every check of the program, as an attacker has it.
extension TestVault {
    /// Opens the file without foreign keys and check constraints.
    @discardableResult
    func raw<T>(_ body: (Database) throws -> T) throws -> T { try Self.raw(path, body) }

    @discardableResult
    static func raw<T>(_ path: String, _ body: (Database) throws -> T) throws -> T {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            return try body(db)
        }
    }

    func raw(_ sql: String, _ arguments: GRDB.StatementArguments = []) throws {
        try raw { try $0.execute(sql: sql, arguments: arguments) }
    }

    /// A copy of the file, with its write-ahead log checkpointed into it.
    func copy() throws -> Data {
        try raw("PRAGMA wal_checkpoint(TRUNCATE)")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// Replaces the file with a copy, and closes the vault.
    ///
    /// - Parameter forgettingAnchors: also deletes every anchor.
    func restore(_ copy: Data, forgettingAnchors: Bool = false) throws {
        close()
        if forgettingAnchors { try FileManager.default.removeItem(atPath: anchors) }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try copy.write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// The contents of every file of the test, by relative path: the vault, its log, and the anchors.
    func bytesOnDisk() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        for case let name as String in files {
            if let data = FileManager.default.contents(atPath: folder + "/" + name) {
                found[name] = Array(data)
            }
        }
        return found
    }

    func blob(_ owner: String, _ field: String) throws -> Data {
        try raw { db in
            try #require(
                try Data.fetchOne(
                    db,
                    sql:
                        "SELECT sealed FROM secrets JOIN owners ON owners.id = owner WHERE name = ? AND field = ?",
                    arguments: [owner, field]))
        }
    }

    func setBlob(_ owner: String, _ field: String, _ blob: Data) throws {
        try raw(
            "UPDATE secrets SET sealed = ? WHERE field = ? AND owner = (SELECT id FROM owners WHERE name = ?)",
            [blob, field, owner])
    }
}

extension VaultFile {
    /// Runs a transaction. Its COMMIT must succeed.
    @discardableResult
    func write<T>(_ body: (Rows) throws -> T) throws -> T {
        try write(isWritten: { _ in false }, body).value
    }
}
