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
        let last = try rows.lastEntries(by: members, before: size)
        return members.map { member in
            MemberInfo(
                id: member.id, name: member.name, role: member.role,
                fingerprint: MemberRequest.fingerprint(of: member.signKey), signKey: member.signKey,
                receiveKey: member.receiveKey,
                slots: member.slots.compactMap { id in slots.first { $0.id == id.bytes }?.kind }.sorted(),
                isAtFirst: !member.temporary.isEmpty,
                grants: granted.map {
                    MemberInfo.Grant(epoch: $0.epoch, isHeld: $0.members.contains(member.id.bytes))
                },
                lastAction: last[member.id].map {
                    MemberInfo.LastAction(seq: $0.seq, time: $0.time, action: $0.action)
                })
        }
    }
}

extension Rows {
    /// The newest entry of each member: from the end of the ledger back, until all were found. Of other entries only
    /// the author is read.
    fileprivate func lastEntries(
        by members: [LedgerState.Member], before size: UInt64
    ) throws -> [Identifier: Entry] {
        var wanted = Dictionary(uniqueKeysWithValues: members.map { ($0.id.hex, $0.id) })
        var found: [Identifier: Entry] = [:]
        try forEachEntryBackwards(before: size) { seq, bytes in
            guard let id = wanted.removeValue(forKey: Entry.actorID(in: bytes)) else { return true }
            found[id] = try knownEntry(bytes, seq: seq)
            return !wanted.isEmpty
        }
        return found
    }
}
