public import VaultLedger
import VaultStore

/// What may be told of a member to everybody.
public struct MemberInfo: Sendable, Equatable {
    public let id: Identifier
    public let name: String
    public let role: Role
    /// What two people compare to be sure of the member's keys.
    public let fingerprint: String
    public let signKey: [UInt8]
    /// What a bundle for this member is sealed to.
    public let receiveKey: [UInt8]
    /// A kind for each slot.
    public let slots: [String]
    /// Whether the passphrase is still the one that somebody else has chosen.
    public let isAtFirst: Bool
    /// For each open epoch, whether the member holds a grant.
    public let grants: [Grant]
    public let lastAction: LastAction?

    public struct Grant: Sendable, Equatable {
        public let epoch: UInt64
        public let isHeld: Bool
    }

    public struct LastAction: Sendable, Equatable {
        public let seq: UInt64
        public let time: Timestamp
        public let action: Action
    }
}

extension Vault {
    /// The members, in the order they came.
    public func members() throws(VaultError) -> [MemberInfo] {
        try VaultError.catching { try read { try info(of: state.members, $0) } }
    }

    /// One member, as `members` tells of them.
    public func info(of member: LedgerState.Member) throws(VaultError) -> MemberInfo {
        try VaultError.catching {
            try read { rows in
                let present = state.members.filter { $0.id == member.id }
                guard let info = try info(of: present, rows).first else {
                    throw VaultError.noLongerMember(name: member.name)
                }
                return info
            }
        }
    }

    private func info(of members: [LedgerState.Member], _ rows: Rows) throws -> [MemberInfo] {
        let slots = try rows.slots()
        let granted = try [state.retiring, state.epoch].compactMap(\.self).map {
            (epoch: $0.number, members: try rows.grantedMembers(epoch: $0.number))
        }
        return try members.map { member in
            MemberInfo(
                id: member.id, name: member.name, role: member.role,
                fingerprint: MemberRequest.fingerprint(of: member.signKey), signKey: member.signKey,
                receiveKey: member.receiveKey,
                slots: member.slots.compactMap { id in slots.first { $0.id == id.bytes }?.kind }.sorted(),
                isAtFirst: !member.temporary.isEmpty,
                grants: granted.map {
                    MemberInfo.Grant(epoch: $0.epoch, isHeld: $0.members.contains(member.id.bytes))
                },
                lastAction: try rows.lastEntry(by: member, in: state).map {
                    MemberInfo.LastAction(seq: $0.seq, time: $0.time, action: $0.action)
                })
        }
    }
}

extension Rows {
    /// The newest entry that a member is the author of, as replay has it. An anchor of an older program may not tell;
    /// then it is looked for from the end, down to the entry that added them.
    fileprivate func lastEntry(by member: LedgerState.Member, in state: LedgerState) throws -> Entry? {
        if let known = state.newest[member.id] {
            guard let seq = known, let bytes = try entry(seq) else { return nil }
            return try knownEntry(bytes, seq: seq)
        }
        let first = try firstEntry(about: member.id.hex) ?? 0
        guard let newest = try newestEntry(by: member.id.hex, from: first) else { return nil }
        let entry = try knownEntry(newest.entry, seq: newest.seq)
        return entry.actor.id == member.id ? entry : nil
    }
}
