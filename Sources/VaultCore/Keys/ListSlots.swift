public import VaultLedger
import VaultStore

/// The slots of every member that are both in the ledger and in the file.
public struct ListSlots: ReadQuery {
    public typealias Answer = [SlotInfo]

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> [SlotInfo] {
        let stored = try rows.slots()
        return try vault.state.members.flatMap { member in
            let times = try rows.slotTimes(of: member)
            return member.slots.compactMap { id in
                stored.first { $0.id == id.bytes }.map {
                    SlotInfo(id: id, member: member.name, kind: $0.kind, addedAt: times[id.hex] ?? "")
                }
            }
        }
    }
}

/// A slot, without its sealed identity.
public struct SlotInfo: Sendable, Equatable, Codable {
    /// The ID of the slot.
    public let id: Identifier
    /// The name of its member.
    public let member: String
    /// The raw value of its `SlotKind`.
    public let kind: String
    /// When it was added, RFC 3339; empty if no entry says so.
    public let addedAt: String
}

/// The unlocked member's slots of one kind, beginning with the slot that they unlocked with.
public struct FindOwnSlots: RemoteOperation {
    public static let isConfirmedByEntries = false

    /// The member and their slots.
    public struct Answer: Codable, Sendable {
        /// The name of the unlocked member.
        public let member: String
        /// The slots of the requested kind, the used one first.
        public let slots: [Identifier]
        /// The slot that the member unlocked with, of any kind.
        public let used: Identifier?
    }

    private let kind: String

    /// Creates a request for the slots of a kind, the raw value of a `SlotKind`.
    public init(_ kind: String) { self.kind = kind }

    public func perform(in vault: Vault, as session: Session) throws -> Answer {
        let rows = try vault.read { try $0.slots(of: session.member.id.bytes) }
        let own = (vault.state.member(session.member.id)?.slots ?? []).filter { id in
            rows.contains { $0.id == id.bytes && $0.kind == kind }
        }
        return Answer(
            member: session.member.name,
            slots: own.filter { $0 == session.slot } + own.filter { $0 != session.slot },
            used: session.slot)
    }
}

extension Rows {
    /// The time when each slot of a member was added, by the slot's id.
    fileprivate func slotTimes(of member: LedgerState.Member) throws -> [String: String] {
        var times: [String: String] = [:]
        try forEachEntry(about: member.id.hex) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            if entry.action == .addSlot, let slot = entry.change.details["slot"]?.string {
                times[slot] = entry.time.text
            }
        }
        return times
    }
}
