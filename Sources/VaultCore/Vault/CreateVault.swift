public import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

/// The first member of a new vault, and what they unlock it with.
public struct Founding: Sendable {
    /// The member's name.
    public var member: String
    /// What the member unlocks with; each becomes a slot.
    public var credentials: [Credential]
    /// The cost of deriving a key from a passphrase.
    public var cost: PassphraseCost

    /// Creates the description of a founder.
    public init(member: String, credentials: [Credential], cost: PassphraseCost = .default) {
        self.member = member
        self.credentials = credentials
        self.cost = cost
    }
}

extension Vault {
    /// Checks that a vault can be created at `path`, before the user is asked for anything.
    ///
    /// - Throws: `vaultExists`.
    public static func checkIsFree(_ path: String) throws(VaultError) {
        guard VaultFile.isEmpty(path) else { throw .file(.vaultExists(path: path)) }
    }

    /// Creates a vault: its file, the founder's identity and slots, the first master key, and the first head.
    ///
    /// This is one transaction: a process that is killed halfway leaves an empty file, which the next call uses.
    ///
    /// - Throws: `invalid` for the member's name; `vaultExists`; `credentialMalformed`; `outOfMemory`; `io`, `full`,
    ///   `unsafePath` or `readOnly` if the file can't be written.
    public static func create(
        _ path: String, _ founding: Founding, _ surroundings: Surroundings
    ) throws(VaultError) -> (vault: Vault, session: Session) {
        try VaultError.catching {
            guard MemberName.isValid(founding.member) else {
                throw VaultError.input(.invalid([MemberName.problem(founding.member)]))
            }
            var session: Session?
            let vault = try create(path, surroundings) { rows in
                var (transaction, founder) = try begin(founding, rows, surroundings)
                for credential in founding.credentials {
                    let slot = try makeSlot(
                        credential, for: founder.identity, vault: transaction.vault,
                        member: founder.member.id,
                        cost: founding.cost)
                    try transaction.addSlot(slot, of: founder.member)
                }
                try transaction.beginEpoch(MasterKey.generate(epoch: 1), sealing: nil)
                try transaction.close()
                session = founder
                return transaction.ledger
            }
            return (vault, session!)
        }
    }

    /// Writes the first entry, which names the founder's keys. Its hash is the vault's identifier.
    private static func begin(
        _ founding: Founding, _ rows: Rows, _ surroundings: Surroundings
    ) throws -> (Transaction, Session) {
        let identity = Identity.generate()
        var identifiers = IdentifierSource(at: surroundings.now())
        let member = LedgerState.Member(
            id: identifiers.next(), name: founding.member, role: .admin, signKey: identity.signPublic,
            receiveKey: identity.receivePublic)
        let session = Session(member: member, identity: identity)
        let entry = Entry(
            seq: 0, time: surroundings.now(), actor: Entry.Actor(id: member.id, name: member.name),
            via: surroundings.via(), action: .createVault, object: Entry.Object(.vault, name: "vault"),
            change: Change(details: ["format": 2, "member": member.details]), reason: surroundings.reason,
            operation: identifiers.next())
        let bytes = entry.bytes
        var ledger = KnownLedger(vault: Digest.sha256(bytes))
        try rows.appendEntry(0, String(decoding: bytes, as: UTF8.self))
        var none = NoOwners()
        guard let facts = EntryFacts(bytes: bytes) else {
            throw VaultError.integrity(.ledger(.malformedEntry(seq: 0)))
        }
        try ledger.state.apply(facts, &none)
        ledger.state.recordEntry(by: member.id, at: 0)
        ledger.range.append(TreeHash.leaf(bytes))
        ledger.founderKey = member.signKey
        try rows.insertMember(MemberRow(member))
        let transaction = Transaction(
            rows: rows, ledger: ledger, session: session, surroundings: surroundings, member: member)
        return (transaction, session)
    }

    /// Seals a member's identity into a new slot.
    static func makeSlot(
        _ credential: Credential, for identity: borrowing Identity, vault: [UInt8], member: Identifier,
        cost: PassphraseCost
    ) throws(VaultError) -> Slot {
        do {
            return try Slot.make(
                kind: credential.kind, for: identity, vault: vault, member: member.bytes,
                with: credential.secret.bytes, cost: cost)
        } catch {
            throw VaultError(error, member: "", kind: credential.kind)
        }
    }
}

extension Transaction {
    /// - Parameter isTemporary: Whether another member chose the passphrase.
    mutating func addSlot(_ slot: Slot, of member: LedgerState.Member, isTemporary: Bool = false) throws {
        try rows.insertSlot(slot.row)
        var details: JSON.Members = [
            "kind": .string(slot.kind.rawValue), "slot": .string(Hex.encode(slot.id)),
        ]
        if isTemporary { details["temporary"] = true }
        try record(.addSlot, member.object, Change(details: details))
    }

    /// Begins an epoch: grants its key to each member who may open secrets.
    ///
    /// - Parameter sealedPrevious: The previous master key, sealed under this one.
    mutating func beginEpoch(_ key: borrowing MasterKey, sealing sealedPrevious: [UInt8]?) throws {
        let epoch = LedgerState.Epoch(
            number: key.epoch, commitment: key.commitment, depositKey: key.depositPublic)
        try rows.insertEpoch(
            EpochRow(
                epoch: epoch.number, commitment: epoch.commitment, depositKey: epoch.depositKey,
                sealedPrevious: sealedPrevious))
        for member in state.members where member.role.mayOpen { try grant(key, to: member) }
        try record(
            .beginEpoch, Entry.Object(.key, name: "epoch \(epoch.number)"), Change(details: epoch.details))
    }

    /// Seals a master key to a member's receiving key, as it is in the ledger.
    func grant(_ key: borrowing MasterKey, to member: LedgerState.Member) throws {
        let sealed: [UInt8]
        do {
            sealed = try key.grant(vault: vault, member: member.id.bytes, receivePublic: member.receiveKey)
        } catch {
            throw VaultError.integrity(.tampered(.memberRow(name: member.name)))
        }
        try rows.insertGrant(epoch: key.epoch, member: member.id.bytes, sealed: sealed)
    }
}

extension LedgerState.Member {
    var object: Entry.Object { Entry.Object(.member, id: id, name: name) }
}

extension MemberRow {
    init(_ member: LedgerState.Member) {
        self.init(
            id: member.id.bytes, name: member.name, role: member.role.rawValue, signKey: member.signKey,
            receiveKey: member.receiveKey)
    }
}
