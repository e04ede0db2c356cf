// These tests cover each case for one member of each role, with their own sessions. What a modified program could write is
// written past the checks of this one.

import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// A vault with ana (admin), bo (user), cora (writer) and dan (auditor), and the connection `A`.
struct Team {
    let test: TestVault
    let bo: Session
    let cora: Session
    let dan: Session

    static func key(_ number: UInt8) -> SharedSecret { secret([UInt8](repeating: number, count: 32)) }

    init() throws {
        test = try TestVault()
        try test.custom("A", key: "the first key")
        bo = try test.addMember("bo", .user, key: Self.key(1))
        cora = try test.addMember("cora", .writer, key: Self.key(2))
        dan = try test.addMember("dan", .auditor, key: Self.key(3))
    }

    var ana: Session { test.session }
    var vault: Vault { test.vault }

    /// The key file of a member.
    func key(of member: Session) -> SharedSecret {
        let number = ["bo": 1, "cora": 2, "dan": 3][member.member.name] as UInt8?
        return number.map(Self.key) ?? TestVault.key
    }

    var sessions: [Session] { [ana, bo, cora, dan] }

    /// Writes an entry and a head without any check, as a modified program could.
    ///
    /// - Parameters:
    ///   - author: signs the head.
    ///   - other: the member that the entry names as its author; nil for `author`.
    ///   - list: the digest list of the entry.
    func forge(
        _ author: Session, _ action: Action, _ object: Entry.Object, _ change: Change,
        as other: Session? = nil, list: [UInt8]? = nil
    ) throws {
        let named = other ?? author
        try vault.file.write { rows in
            let ledger = try vault.known.caughtUp(with: rows) { _ in }
            let entry = Entry(
                seq: ledger.range.size, time: test.scene.now,
                actor: Entry.Actor(id: named.member.id, name: named.member.name),
                via: Entry.Via(program: "forged", user: "x", host: "y"), action: action, object: object,
                change: change, reason: nil, operation: author.member.id)
            if let list { try rows.insertDigestList(entry.seq, list) }
            try rows.appendEntry(entry.seq, String(decoding: entry.bytes, as: UTF8.self))
            var range = ledger.range
            range.append(TreeHash.leaf(entry.bytes))
            let checkpoint = Checkpoint(vault: vault.id, size: range.size, root: range.root)
            try rows.appendHead(
                range.size, checkpoint.signed(by: author.identity, name: named.member.name).encoded)
        }
    }

    /// The newest entry.
    func last() throws -> Entry { try #require(try test.entries().last) }
}
