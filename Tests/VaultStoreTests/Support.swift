// Each test has its own temporary directory. What is in a file is checked through GRDB, not through the module under test.

import Foundation
import GRDB
import TestSupport

@testable import VaultStore

/// A temporary directory for one vault file.
final class Scratch: Sendable {
    private let directory = TemporaryDirectory()

    var folder: String { directory.path }
    var path: String { folder + "/vault.db" }

    /// Creates a vault with a few rows of every kind and closes it, with its log checkpointed.
    func vault(_ fill: (Rows) throws -> Void = Sample.fill) throws {
        let file = try VaultFile.create(path, fill: fill)
        try file.truncateLog()
    }

    /// Changes the file with SQL, as an attacker would.
    func tamper(_ sql: String) throws {
        try raw { try $0.execute(sql: sql) }
    }

    @discardableResult
    func raw<T>(_ body: (Database) throws -> T) throws -> T {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction(body)
    }

    /// The bytes of the vault file, its write-ahead log and every other file in the folder.
    func allBytes() throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().reduce(into: Data()) {
            $0.append(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $1)))
        }
    }

    /// Replaces a file, with mode 0600.
    func put(_ bytes: Data, at path: String) throws {
        try bytes.write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return attributes[.posixPermissions] as! Int
    }
}

/// Rows with made-up contents.
enum Sample {
    static func id(_ number: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 255)]
    }

    static func hexID(_ number: Int) -> String {
        id(number).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static let digest = [UInt8](repeating: 7, count: 32)

    static func owner(
        _ number: Int, kind: String = "connection", connector: String = "http", client: Int64? = nil
    )
        -> OwnerRow
    {
        let name = "owner-" + String(String(number + 1000).dropFirst())
        return OwnerRow(
            uid: id(number), kind: kind, connector: connector, name: name, nameKey: name,
            settings: "{\"host\":\"h\(number).example\"}", note: "note \(number)", client: client)
    }

    static func secret(
        of owner: Int64, version: UInt64 = 1, field: String = "api-key", sealed: [UInt8] = [1, 2, 3]
    )
        -> SecretRow
    {
        SecretRow(
            owner: owner, epoch: 1, version: version, field: field, label: "current", settingsDigest: digest,
            setAt: "2026-11-23T21:05:00Z", setBy: "ana", sealed: sealed)
    }

    /// A blob for each row; its bytes identify the row.
    static func blobs(_ rows: [Int64]) -> [Int64: [UInt8]] {
        var blobs: [Int64: [UInt8]] = [:]
        for row in rows { blobs[row] = [UInt8](repeating: UInt8(row), count: 100 + Int(row)) }
        return blobs
    }

    static func entry(_ seq: Int, about object: Int, hasState: Bool) -> String {
        let state = hasState ? "\"state\":{\"secrets\":[]}" : ""
        return
            "{\"change\":{\(state)},\"object\":{\"id\":\"\(hexID(object))\",\"kind\":\"connection\"},\"seq\":\(seq)}"
    }

    static func fill(_ rows: Rows) throws {
        try rows.insertMember(
            MemberRow(id: id(1), name: "ana", role: "admin", signKey: digest, receiveKey: digest))
        try rows.insertSlot(
            SlotRow(
                id: id(2), member: id(1), kind: "passphrase", salt: [1], memory: 268_435_456, passes: 3,
                sealed: [9]))
        try rows.insertEpoch(EpochRow(epoch: 1, commitment: digest, depositKey: digest, sealedPrevious: nil))
        try rows.insertGrant(epoch: 1, member: id(1), sealed: [5, 6])
        try rows.putConnector("own", source: "connector: own\n")
        let client = try rows.insertOwner(owner(500, kind: "client"), words: "client")
        for number in 0..<25 {
            let id = try rows.insertOwner(
                owner(
                    number, connector: number.isMultiple(of: 2) ? "http" : "celonis",
                    client: number == 3 ? client : nil),
                words: "owner \(number) h\(number).example")
            try rows.setTags([("env", number < 5 ? "prod" : "test"), ("team", "t\(number)")], of: id)
            try rows.insertSecret(secret(of: id, sealed: [UInt8](repeating: UInt8(number), count: 140)))
        }
        for seq in 0..<40 {
            try rows.appendEntry(UInt64(seq), entry(seq, about: seq % 5, hasState: seq % 2 == 0))
            try rows.appendHead(UInt64(seq + 1), "head \(seq + 1)\n")
        }
        try rows.putTile(level: 0, index: 0, [UInt8](repeating: 1, count: 64))
    }

    /// Calls every function that reads rows.
    static func readAll(_ rows: Rows) throws {
        _ = try rows.members()
        _ = try rows.slots()
        _ = try rows.slots(of: id(1))
        _ = try rows.epochs()
        _ = try rows.grant(epoch: 1, member: id(1))
        _ = try rows.grantedMembers(epoch: 1)
        _ = try rows.connectorSource("own")
        _ = try rows.connectorNames()
        _ = try rows.isConnectorUsed("http")
        _ = (try rows.ledgerSize(), try rows.entryCount(), try rows.entry(3))
        try rows.forEachEntry(in: 0..<100) { _, _ in }
        try rows.forEachEntryBackwards(before: 100) { _, _ in true }
        try rows.forEachEntry(about: hexID(2)) { _, _ in }
        _ = try rows.newestState(of: hexID(2))
        _ = (
            try rows.newestHead(), try rows.head(3), try rows.heads(after: 3, limit: 1),
            try rows.tile(level: 0, index: 0)
        )
        var owners: [Int64] = []
        try rows.forEachOwnerRow { owners.append($0.id) }
        for owner in owners {
            _ = (try rows.tags(of: owner), try rows.secrets(of: owner), try rows.owner(id: owner))
        }
        var query = OwnerQuery(kind: "connection")
        (query.match, query.tags) = ("owner", [("env", "prod")])
        try rows.forEachOwner(query) { _ in }
        _ = try rows.ownerNames("connection", around: "owner-010", limit: 3)
        _ = (try rows.countOwners("client"), try rows.countSecretsByEpoch())
        _ = try rows.secretsToReseal(to: 2, after: 0, limit: 100)
        _ = try rows.integrityFaults()
    }
}

/// The error that `body` throws, nil for none.
func thrownError(_ body: () throws -> Void) -> (any Error)? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

extension VaultFile {
    /// Runs a transaction. Its COMMIT must succeed.
    @discardableResult
    func write<T>(_ body: (Rows) throws -> T) throws -> T {
        try write(isWritten: { _ in false }, body).value
    }
}

extension Rows {
    func countOwners(_ kind: String) throws -> Int {
        Int(try db.number("SELECT count(*) FROM owners WHERE kind = ?", [kind]) ?? 0)
    }
}
