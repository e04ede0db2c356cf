import Testing
import VaultCrypto

@testable import VaultLedger

/// A member with the keys that only they have; the same name has the same keys in every test.
final class Person: Sendable {
    let name: String
    let identity: Identity
    let id: Identifier

    init(_ name: String) {
        self.name = name
        identity = Identity(seed: SecretBytes(copying: Digest.sha256(Array(name.utf8))))
        id = Identifier(bytes: Array(Digest.sha256(Array("id of \(name)".utf8)).prefix(16)))!
    }

    var actor: Entry.Actor { Entry.Actor(id: id, name: name) }
    var object: Entry.Object { Entry.Object(.member, id: id, name: name) }

    func member(_ role: Role) -> LedgerState.Member {
        LedgerState.Member(
            id: id, name: name, role: role, signKey: identity.signPublic, receiveKey: identity.receivePublic)
    }
}

/// What somebody does, before it has a number, a time and an author.
struct Deed {
    var action: Action
    var object: Entry.Object
    var change = Change()

    init(_ action: Action, _ object: Entry.Object, _ change: Change = Change()) {
        (self.action, self.object, self.change) = (action, object, change)
    }

    static func found(_ person: Person) -> Deed {
        Deed(
            .createVault, Entry.Object(.vault, name: "vault"),
            Change(details: ["format": 1, "member": person.member(.admin).details]))
    }

    static func add(_ person: Person, _ role: Role) -> Deed {
        Deed(
            .addMember, person.object,
            Change(details: ["member": person.member(role).details, "role": .string(role.rawValue)]))
    }

    static func role(_ person: Person, _ role: Role) -> Deed {
        Deed(.changeRole, person.object, Change(details: ["role": .string(role.rawValue)]))
    }

    static func slot(_ person: Person, _ number: UInt8, _ action: Action = .addSlot) -> Deed {
        let slot = JSON.string(String(repeating: "0", count: 30) + Hex.encode([number]))
        return Deed(
            action, person.object,
            Change(details: action == .addSlot ? ["kind": "passphrase", "slot": slot] : ["slot": slot]))
    }

    static func begin(_ number: UInt64) -> Deed {
        let key = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)
        let epoch = LedgerState.Epoch(number: number, commitment: key, depositKey: key)
        return Deed(.beginEpoch, Entry.Object(.key, name: "epoch \(number)"), Change(details: epoch.details))
    }

    static func retire(_ number: UInt64) -> Deed {
        Deed(
            .retireEpoch, Entry.Object(.key, name: "epoch \(number)"),
            Change(details: ["epoch": .integer(Int64(number)), "secrets": 3]))
    }

    static func connector(_ name: String, _ action: Action = .addConnector) -> Deed {
        let digest = Hex.encode([UInt8](repeating: 7, count: 32))
        let details: JSON.Members =
            action == .addConnector ? ["digest": .string(digest), "title": "Own"] : [:]
        return Deed(action, Entry.Object(.connector, name: name), Change(details: details))
    }

    static let state = OwnerState(
        settingsDigest: [UInt8](repeating: 1, count: 32), annotations: nil,
        secrets: [OwnerState.Secret(field: "app-key", version: 1, label: .current)])

    /// Something done to a connection, or to a client where the action is a client's.
    static func owner(
        _ action: Action, _ number: UInt8 = 1, settings: [Change.Setting] = [],
        kind: Entry.Object.Kind? = nil
    ) -> Deed {
        let kind = kind ?? (action.objects.contains(.connection) ? .connection : .client)
        let id = Identifier(bytes: [UInt8](repeating: number, count: 16))!
        var change = Samples.change(action, whole: false)
        change.settings = settings
        return Deed(action, Entry.Object(kind, id: id, name: "owner \(number)"), change)
    }
}

/// What a file tells of the entries before.
final class TestHistory: LedgerHistory {
    private let owners: OwnerTable
    private let lists: [UInt64: [UInt8]]

    init(_ owners: OwnerTable = OwnerTable(), lists: [UInt64: [UInt8]] = [:]) {
        (self.owners, self.lists) = (owners, lists)
    }

    func owner(_ key: IdentifierKey) -> SealedOwner? { owners[key] }
    func list(_ seq: UInt64) -> [UInt8]? { lists[seq] }
}

/// A whole ledger in memory, as the rows of a file would have it.
struct TestLedger {
    var entries: [[UInt8]] = []
    var heads: [(size: UInt64, note: String)] = []
    /// The digest lists that a file would keep, by the number of their entries.
    var lists: [UInt64: [UInt8]] = [:]
    var time = Timestamp(text: "2026-11-23T21:05:00Z")!

    /// Everything that happens in a vault once, by four members: 15 entries under 11 heads.
    ///
    /// Heads at 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15.
    static func story() -> TestLedger {
        var ledger = TestLedger()
        ledger.commit(ana, [.found(ana), .slot(ana, 1), .begin(1)])
        ledger.commit(ana, [.add(ben, .user), .add(cora, .writer), .add(dan, .auditor)])
        ledger.commit(ben, [.owner(.createConnection)])
        ledger.commit(cora, [.owner(.setSecret)])
        ledger.commit(ben, [.owner(.execConnection)])
        ledger.commit(ana, [.begin(2)])
        ledger.commit(ana, [.retire(1)])
        ledger.commit(ana, [.connector("own")])
        ledger.commit(
            dan,
            [
                Deed(
                    .refused, Entry.Object(.vault, name: "epoch 3"),
                    Change(details: ["what": "key.rotate", "why": "role"]))
            ])
        ledger.commit(cora, [.owner(.editConnection, settings: [.init(key: "pool", old: "a", new: "b")])])
        ledger.commit(dan, [.slot(dan, 2)])
        return ledger
    }

    static let ana = Person("ana")
    static let ben = Person("ben")
    static let cora = Person("cora")
    static let dan = Person("dan")

    mutating func commit(_ author: Person, _ deeds: [Deed], signedBy signer: Person? = nil) {
        append(author, deeds)
        sign(signer ?? author)
    }

    mutating func append(_ author: Person, _ deeds: [Deed]) {
        for deed in deeds { entries.append(entry(author, deed).bytes) }
    }

    func entry(_ author: Person, _ deed: Deed) -> Entry {
        let size = UInt64(entries.count)
        let transaction = "operation \(heads.count)"
        let operation = Identifier(bytes: Array(Digest.sha256(Array(transaction.utf8)).prefix(16)))!
        return Entry(
            seq: size, time: time, actor: author.actor,
            via: Entry.Via(program: "cli", user: author.name, host: "here"), action: deed.action,
            object: deed.object, change: deed.change,
            reason: size.isMultiple(of: 2) ? nil : "because \(size)",
            operation: operation)
    }

    mutating func sign(_ signer: Person) { heads.append((UInt64(entries.count), head(by: signer).encoded)) }

    func head(by signer: Person, size: Int? = nil) -> SignedNote {
        var range = CompactRange()
        for entry in entries.prefix(size ?? entries.count) { range.append(TreeHash.leaf(entry)) }
        return Checkpoint(vault: Digest.sha256(entries[0]), size: range.size, root: range.root)
            .signed(by: signer.identity, name: signer.name)
    }

    /// Reads entries and heads in the order in which a file gives them.
    func verify(from start: LedgerVerifier? = nil) throws(LedgerFault) -> LedgerVerifier {
        var verifier = start ?? LedgerVerifier(history: TestHistory(lists: lists))
        let verified = verifier.range.size
        for head in heads where head.size > verified {
            while verifier.next < min(head.size, UInt64(entries.count)) {
                try verifier.add(entries[Int(verifier.next)])
            }
            try verifier.close(with: head.note)
        }
        while verifier.next < UInt64(entries.count) { try verifier.add(entries[Int(verifier.next)]) }
        try verifier.finish()
        return verifier
    }

    var fault: LedgerFault? {
        do throws(LedgerFault) {
            _ = try verify()
            return nil
        } catch {
            return error
        }
    }

    /// This ledger with one more transaction.
    func then(_ author: Person, _ deeds: Deed..., signedBy signer: Person? = nil) -> TestLedger {
        var ledger = self
        ledger.commit(author, deeds, signedBy: signer)
        return ledger
    }

    /// This ledger after somebody with an editor was at it.
    func tampered(_ change: (inout TestLedger) -> Void) -> TestLedger {
        var ledger = self
        change(&ledger)
        return ledger
    }
}
