public import VaultLedger
import VaultStore

/// Changes the role of a member. One who gains the right to open secrets gets grants; one who loses it is excluded by a new
/// master key.
///
/// - Throws: `memberUnknown`, `changed`, `sameRole`, `lastAdmin`, `notForOneself`; those of `RotateMasterKey`.
public struct ChangeRole: RemoteOperation {
    public typealias Answer = RoleReceipt

    private let role: Role
    private let name: String

    /// Creates an operation that gives a member another role.
    public init(of name: String, to role: Role) { (self.role, self.name) = (role, name) }

    public func perform(in vault: Vault, as session: Session) throws -> RoleReceipt {
        try vault.changeRights(of: name, to: role, as: session) { transaction, member in
            try transaction.rows.setRole(role.rawValue, of: member.id.bytes)
            if !role.mayOpen { try transaction.rows.deleteGrants(of: member.id.bytes) }
            try transaction.record(
                .changeRole, member.object, Change(details: ["role": .string(role.rawValue)]))
            if role.mayOpen, !member.role.mayOpen { try transaction.grantOpenEpochs(to: member) }
        }
    }
}

/// Removes a member with their slots and grants. One who could open secrets is excluded from future ones by a new master key;
/// those that they have seen must be replaced at the provider (`ListKnownSecrets`).
///
/// - Throws: As `ChangeRole`.
public struct RemoveMember: RemoteOperation {
    public typealias Answer = RoleReceipt

    private let name: String

    /// Creates an operation that removes the member with this name.
    public init(_ name: String) { self.name = name }

    public func perform(in vault: Vault, as session: Session) throws -> RoleReceipt {
        try vault.changeRights(of: name, to: nil, as: session) { transaction, member in
            try transaction.rows.deleteMember(member.id.bytes)
            try transaction.record(.removeMember, member.object)
        }
    }
}

/// The result of `ChangeRole` or `RemoveMember`.
public struct RoleReceipt: Sendable, Equatable, Codable {
    /// The name of the member.
    public let member: String
    /// The role before.
    public let from: Role
    /// Nil if the member was removed.
    public let to: Role?
    /// Nil if no one lost the right to open secrets.
    public let rotation: RotationReceipt?
}

extension Vault {
    /// Runs a change of a member, and rotates the master key if it revokes the right to open secrets.
    ///
    /// - Parameter role: The new role; nil removes the member.
    fileprivate func changeRights(
        of name: String, to role: Role?, as session: Session,
        _ body: @escaping (inout Transaction, LedgerState.Member) throws -> Void
    ) throws -> RoleReceipt {
        let member = try member(named: name)
        func run(_ transaction: inout Transaction) throws {
            try transaction.mayEnd(member, as: role)
            try body(&transaction, member)
        }
        var rotation: RotationReceipt?
        if member.role.mayOpen, role?.mayOpen != true {
            // Checked before a stopped rotation of another member is resumed.
            try change(as: session) { try $0.mayEnd(member, as: role) }
            rotation = try rotateMasterKey(as: session, revoking: run)
        } else {
            try change(as: session, run)
        }
        return RoleReceipt(member: member.name, from: member.role, to: role, rotation: rotation)
    }
}

extension Transaction {
    /// Refuses a change that leaves no admin who can unlock, that members can't make to themselves, or of a member who has
    /// changed since.
    fileprivate func mayEnd(_ member: LedgerState.Member, as role: Role?) throws(VaultError) {
        try mayDo(role == nil ? .removeMember : .changeRole)
        guard let present = state.member(member.id), present.role == member.role else {
            throw .member(.changed(name: member.name))
        }
        if let role, role == present.role { throw .member(.sameRole(member: member.name, role: role)) }
        let isOtherAdmin = { (other: LedgerState.Member) in
            other.role == .admin && other.id != member.id && !other.slots.isEmpty
        }
        guard role == .admin || present.role != .admin || state.members.contains(where: isOtherAdmin) else {
            throw .member(.lastAdmin(member: member.name))
        }
        guard member.id != self.member.id || role?.mayOpen ?? false else {
            throw .member(.notForOneself(member: member.name))
        }
    }
}
