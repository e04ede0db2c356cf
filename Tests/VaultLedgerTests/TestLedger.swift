import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// A member and their private keys, which are derived from the name.
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

/// An entry without a sequence number, time and author.
struct EntryDraft {
    var action: Action
    var object: Entry.Object
    var change = Change()

    init(_ action: Action, _ object: Entry.Object, _ change: Change = Change()) {
        (self.action, self.object, self.change) = (action, object, change)
    }

    static func found(_ person: Person) -> EntryDraft {
        EntryDraft(
            .createVault, Entry.Object(.vault, name: "vault"),
            Change(details: ["format": 1, "member": person.member(.admin).details]))
    }

    static func add(_ person: Person, _ role: Role) -> EntryDraft {
        EntryDraft(
            .addMember, person.object,
            Change(details: ["member": person.member(role).details, "role": .string(role.rawValue)]))
    }

    static func role(_ person: Person, _ role: Role) -> EntryDraft {
        EntryDraft(.changeRole, person.object, Change(details: ["role": .string(role.rawValue)]))
    }

    static func slot(_ person: Person, _ number: UInt8, _ action: Action = .addSlot) -> EntryDraft {
        let slot = JSON.string(String(repeating: "0", count: 30) + Hex.encode([number]))
        return EntryDraft(
            action, person.object,
            Change(details: action == .addSlot ? ["kind": "passphrase", "slot": slot] : ["slot": slot]))
    }

    static func begin(_ number: UInt64) -> EntryDraft {
        let key = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)
        let epoch = LedgerState.Epoch(number: number, commitment: key, depositKey: key)
        return EntryDraft(
            .beginEpoch, Entry.Object(.key, name: "epoch \(number)"), Change(details: epoch.details))
    }

    static func retire(_ number: UInt64) -> EntryDraft {
        EntryDraft(
            .retireEpoch, Entry.Object(.key, name: "epoch \(number)"),
            Change(details: ["epoch": .integer(Int64(number)), "secrets": 3]))
    }

    static func connector(_ name: String, _ action: Action = .addConnector) -> EntryDraft {
        let digest = Hex.encode([UInt8](repeating: 7, count: 32))
        let details: JSON.Members =
            action == .addConnector ? ["digest": .string(digest), "title": "Own"] : [:]
        return EntryDraft(action, Entry.Object(.connector, name: name), Change(details: details))
    }

    static let state = OwnerState(
        settingsDigest: [UInt8](repeating: 1, count: 32), annotations: nil,
        secrets: [OwnerState.Secret(field: "app-key", version: 1, label: .current)])

    /// A change of a connection, or of a client for a client action.
    static func owner(
        _ action: Action, _ number: UInt8 = 1, settings: [Change.Setting] = [],
        kind: Entry.Object.Kind? = nil
    ) -> EntryDraft {
        let kind = kind ?? (action.objects.contains(.connection) ? .connection : .client)
        let id = Identifier(bytes: [UInt8](repeating: number, count: 16))!
        var change = Samples.change(action, whole: false)
        change.settings = settings
        return EntryDraft(action, Entry.Object(kind, id: id, name: "owner \(number)"), change)
    }
}

/// The replayed state before a verifier's first entry, as a vault file would provide it.
final class TestHistory: LedgerHistory {
    private let owners: [IdentifierKey: SealedOwner]
    private let lists: [UInt64: [UInt8]]

    init(_ owners: [IdentifierKey: SealedOwner] = [:], lists: [UInt64: [UInt8]] = [:]) {
        (self.owners, self.lists) = (owners, lists)
    }

    func owner(_ key: IdentifierKey) -> SealedOwner? { owners[key] }
    func list(_ seq: UInt64) -> [UInt8]? { lists[seq] }
}

/// A ledger in memory, in the form of a vault file's rows.
struct TestLedger {
    var entries: [[UInt8]] = []
    var heads: [(size: UInt64, note: String)] = []
    /// Digest lists by the sequence number of their entry.
    var lists: [UInt64: [UInt8]] = [:]
    var time = Timestamp(text: "2026-11-23T21:05:00Z")!

    /// Most kinds of changes once, by four members: 15 entries under 11 heads.
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
                EntryDraft(
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

    mutating func commit(_ author: Person, _ drafts: [EntryDraft], signedBy signer: Person? = nil) {
        append(author, drafts)
        sign(signer ?? author)
    }

    mutating func append(_ author: Person, _ drafts: [EntryDraft]) {
        for draft in drafts { entries.append(entry(author, draft).bytes) }
    }

    func entry(_ author: Person, _ draft: EntryDraft) -> Entry {
        let size = UInt64(entries.count)
        let transaction = "operation \(heads.count)"
        let operation = Identifier(bytes: Array(Digest.sha256(Array(transaction.utf8)).prefix(16)))!
        return Entry(
            seq: size, time: time, actor: author.actor,
            via: Entry.Via(program: "cli", user: author.name, host: "here"), action: draft.action,
            object: draft.object, change: draft.change,
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

    /// Replays entries and heads in the order in which a file stores them.
    func verify(from start: LedgerVerifier? = nil) throws(LedgerError) -> LedgerVerifier {
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

    var fault: LedgerError? {
        do throws(LedgerError) {
            _ = try verify()
            return nil
        } catch {
            return error
        }
    }

    /// A copy with one more transaction.
    func then(_ author: Person, _ drafts: EntryDraft..., signedBy signer: Person? = nil) -> TestLedger {
        var ledger = self
        ledger.commit(author, drafts, signedBy: signer)
        return ledger
    }

    /// A copy that an attacker edited.
    func tampered(_ change: (inout TestLedger) -> Void) -> TestLedger {
        var ledger = self
        change(&ledger)
        return ledger
    }
}
