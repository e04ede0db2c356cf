public import VaultLedger
import VaultStore

/// The members, in the order in which they were added.
public struct ListMembers: ReadQuery {
    public typealias Answer = [MemberInfo]

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> [MemberInfo] {
        try vault.info(of: vault.state.members, rows)
    }
}

/// One member.
///
/// - Throws: `noLongerMember`.
public struct ShowMember: ReadQuery {
    public typealias Answer = MemberInfo

    private let id: Identifier
    private let name: String

    /// Creates a query for this member.
    public init(_ member: LedgerState.Member) { (id, name) = (member.id, member.name) }

    func run(on rows: Rows, in vault: Vault) throws -> MemberInfo {
        let present = vault.state.members.filter { $0.id == id }
        guard let info = try vault.info(of: present, rows).first else {
            throw VaultError.access(.noLongerMember(name: name))
        }
        return info
    }
}

/// A member, without anything secret.
public struct MemberInfo: Sendable, Equatable, Codable {
    /// The permanent ID.
    public let id: Identifier
    /// The unique name.
    public let name: String
    /// The current role.
    public let role: Role
    /// A digest of the member's keys, which two people can compare.
    public let fingerprint: String
    /// The Ed25519 public key, 32 bytes.
    public let signKey: [UInt8]
    /// The key that bundles for this member are sealed to.
    public let receiveKey: [UInt8]
    /// The kind of each slot.
    public let slots: [String]
    /// Whether the member still has the temporary passphrase that an admin chose.
    public let mustReplacePassphrase: Bool
    /// Whether the member holds a grant, for each open epoch.
    public let grants: [Grant]
    /// The newest entry by the member; nil if there is none.
    public let lastAction: LastAction?

    /// Whether a member holds the master key of an epoch.
    public struct Grant: Sendable, Equatable, Codable {
        /// The number of the epoch.
        public let epoch: UInt64
        /// Whether the member has a grant of it.
        public let isHeld: Bool
    }

    /// An entry by a member.
    public struct LastAction: Sendable, Equatable, Codable {
        /// The number of the entry.
        public let seq: UInt64
        /// The time by the clock of the member's machine.
        public let time: Timestamp
        /// What the member did.
        public let action: Action
    }
}

extension Vault {
    fileprivate func info(of members: [LedgerState.Member], _ rows: Rows) throws -> [MemberInfo] {
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
                mustReplacePassphrase: !member.temporary.isEmpty,
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
    /// The newest entry by a member. Replay keeps its number. An anchor of an older program may not have it; then the
    /// entries are searched backwards, to the entry that added the member.
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
