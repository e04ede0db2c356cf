import VaultCrypto
public import VaultLedger
import VaultStore

/// Adds another slot, with which the unlocked member can unlock the vault too. The answer is the slot's id.
///
/// - Throws: `credentialMalformed`, `outOfMemory`.
public struct AddSlot: RemoteOperation {
    public typealias Answer = Identifier

    private let credential: Credential

    /// Creates an operation that adds a slot, which this credential unlocks.
    public init(_ credential: Credential) { self.credential = credential }

    public func perform(in vault: Vault, as session: Session) throws -> Identifier {
        try vault.change(as: session, adding: credential) { transaction, slot in
            try transaction.addSlot(slot, of: session.member)
        }
    }
}

/// Replaces a slot of the unlocked member by a new one: for a changed passphrase, a new key file or recovery code. The
/// answer is the new slot's id.
///
/// Both happen in one transaction, so a process that is killed leaves the old slot or the new one (case 31).
///
/// - Throws: `slotNotFound`, `credentialMalformed`, `outOfMemory`.
public struct ReplaceSlot: RemoteOperation {
    public typealias Answer = Identifier

    private let old: Identifier
    private let credential: Credential

    /// Creates an operation that replaces the slot with this ID by a slot for the credential.
    public init(_ old: Identifier, with credential: Credential) {
        (self.old, self.credential) = (old, credential)
    }

    public func perform(in vault: Vault, as session: Session) throws -> Identifier {
        try vault.change(as: session, adding: credential) { transaction, slot in
            try transaction.mayDo(.removeSlot)
            guard transaction.member.slots.contains(old) else {
                throw VaultError.unlock(.slotNotFound(old.hex))
            }
            try transaction.addSlot(slot, of: transaction.member)
            try transaction.removeSlot(old, of: transaction.member)
        }
    }
}

/// Removes a slot: an own one, or any as an admin.
///
/// - Throws: `slotNotFound`, `forbidden`, and `lastSlot` for the last slot of the last admin.
public struct RemoveSlot: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let id: Identifier
    var action: Action { .removeSlot }

    /// Creates an operation that removes the slot with this ID.
    public init(_ id: Identifier) { self.id = id }

    func run(in transaction: inout Transaction) throws -> Done {
        let (members, actor) = (transaction.state.members, transaction.member)
        guard let member = members.first(where: { $0.slots.contains(id) }) else {
            throw VaultError.unlock(.slotNotFound(id.hex))
        }
        guard member.id == actor.id || actor.role == .admin else {
            throw VaultError.access(.forbidden(member: actor.name, role: actor.role, action: .removeSlot))
        }
        let adminSlots = members.filter { $0.role == .admin }.reduce(0) { $0 + $1.slots.count }
        if member.role == .admin, adminSlots == 1 { throw VaultError.unlock(.lastSlot(member: member.name)) }
        try transaction.removeSlot(id, of: member)
        return Done()
    }
}

extension Vault {
    /// Runs a transaction that adds a slot. Argon2id runs before it, so that no other writer waits.
    fileprivate func change(
        as session: Session, adding credential: Credential, _ body: (inout Transaction, Slot) throws -> Void
    ) throws -> Identifier {
        let slot = try Self.makeSlot(
            credential, for: session.identity, vault: id, member: session.member.id,
            cost: surroundings.cost)
        try change(as: session) { try body(&$0, slot) }
        return Identifier(bytes: slot.id)!
    }
}

extension Transaction {
    fileprivate mutating func removeSlot(_ id: Identifier, of member: LedgerState.Member) throws {
        try rows.deleteSlot(id.bytes)
        try record(.removeSlot, member.object, Change(details: ["slot": .string(id.hex)]))
    }
}
