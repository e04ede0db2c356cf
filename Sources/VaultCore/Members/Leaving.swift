public import VaultLedger
import VaultStore

/// What became of a member's role, and of the master key with it.
public struct RoleReceipt: Sendable, Equatable, Codable {
    public let member: String
    public let from: Role
    /// Nil when the member was removed.
    public let to: Role?
    /// Nil where nobody lost the right to open.
    public let rotation: RotationReceipt?
}

extension Vault {
    /// Gives a member another role. A grant goes with the right to open; who loses that right is kept out by a new
    /// master key, as if they had been removed.
    public func changeRole(
        of name: String, to role: Role, as session: Session
    ) throws(VaultError) -> RoleReceipt {
        try VaultError.catching {
            let member = try member(named: name)
            let rotation = try endRight(of: member, keeping: role, as: session) {
                try $0.changeRole(of: member, to: role)
            }
            return RoleReceipt(member: member.name, from: member.role, to: role, rotation: rotation)
        }
    }

    /// Removes a member with their slots and grants. Who could open is kept out of whatever is sealed from here on by
    /// a new master key; what they have seen they keep (`knownSecrets`).
    public func removeMember(_ name: String, as session: Session) throws(VaultError) -> RoleReceipt {
        try VaultError.catching {
            let member = try member(named: name)
            let rotation = try endRight(of: member, keeping: nil, as: session) { try $0.remove(member) }
            return RoleReceipt(member: member.name, from: member.role, to: nil, rotation: rotation)
        }
    }

    /// Runs a change of a member, with a rotation where it takes the right to open away.
    private func endRight(
        of member: LedgerState.Member, keeping role: Role?, as session: Session,
        _ body: (inout Transaction) throws -> Void
    ) throws -> RotationReceipt? {
        guard member.role.mayOpen, !(role?.mayOpen ?? false) else {
            try change(as: session, body)
            return nil
        }
        // Asked before the rotation of somebody else is touched.
        try change(as: session) { try $0.mayEnd(member, as: role) }
        return try rotateMasterKey(as: session, taking: body)
    }
}

extension Transaction {
    fileprivate mutating func changeRole(of member: LedgerState.Member, to role: Role) throws {
        try mayEnd(member, as: role)
        try rows.setRole(role.rawValue, of: member.id.bytes)
        if !role.mayOpen { try rows.deleteGrants(of: member.id.bytes) }
        try record(.changeRole, member.object, Change(details: ["role": .string(role.rawValue)]))
        if role.mayOpen, !member.role.mayOpen { try grantOpenEpochs(to: member) }
    }

    fileprivate mutating func remove(_ member: LedgerState.Member) throws {
        try mayEnd(member, as: nil)
        try rows.deleteMember(member.id.bytes)
        try record(.removeMember, member.object)
    }

    /// Refuses what would leave the vault without an admin who can unlock, what somebody must not do to themselves,
    /// and what was decided on a member who has changed since.
    fileprivate func mayEnd(_ member: LedgerState.Member, as role: Role?) throws(VaultError) {
        try mayDo(role == nil ? .removeMember : .changeRole)
        guard let present = state.member(member.id), present.role == member.role else {
            throw .memberChanged(name: member.name)
        }
        if let role, role == present.role { throw .sameRole(member: member.name, role: role) }
        let isOtherAdmin = { (other: LedgerState.Member) in
            other.role == .admin && other.id != member.id && !other.slots.isEmpty
        }
        guard role == .admin || present.role != .admin || state.members.contains(where: isOtherAdmin) else {
            throw .lastAdmin(member: member.name)
        }
        guard member.id != self.member.id || role?.mayOpen ?? false else {
            throw .notForOneself(member: member.name)
        }
    }
}
