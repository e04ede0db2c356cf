public import VaultCrypto
public import VaultLedger
import VaultStore

/// A way to unlock a member, without what it is sealed with.
public struct SlotInfo: Sendable, Equatable {
    public let id: Identifier
    public let member: String
    public let kind: String
    public let addedAt: String
}

extension Vault {
    /// The slots of every member, as the ledger and the file agree on them.
    public func slots() throws(VaultError) -> [SlotInfo] {
        try VaultError.catching {
            try read { rows in
                let stored = try rows.slots()
                return try state.members.flatMap { member in
                    let times = try rows.slotTimes(of: member)
                    return member.slots.compactMap { id in
                        stored.first { $0.id == id.bytes }.map {
                            SlotInfo(id: id, member: member.name, kind: $0.kind, addedAt: times[id.hex] ?? "")
                        }
                    }
                }
            }
        }
    }

    /// Gives a member who is unlocked one more way to unlock.
    public func addSlot(
        _ credential: Credential, as session: Session, cost: PassphraseCost = .default
    ) throws(VaultError) -> Identifier {
        try VaultError.catching {
            let slot = try Self.makeSlot(
                credential, for: session.identity, vault: id, member: session.member.id, cost: cost)
            try change(as: session) { try $0.addSlot(slot, of: session.member) }
            return Identifier(bytes: slot.id)!
        }
    }

    /// Puts a new slot in the place of one: a changed passphrase, a new key file or recovery code.
    ///
    /// One transaction: a process killed in it leaves the old one or the new one (case 31).
    public func replaceSlot(
        _ old: Identifier, with credential: Credential, as session: Session, cost: PassphraseCost = .default
    ) throws(VaultError) -> Identifier {
        try VaultError.catching {
            let slot = try Self.makeSlot(
                credential, for: session.identity, vault: id, member: session.member.id, cost: cost)
            try change(as: session) { transaction in
                try transaction.mayDo(.removeSlot)
                guard transaction.member.slots.contains(old) else { throw VaultError.slotNotFound(old.hex) }
                try transaction.addSlot(slot, of: transaction.member)
                try transaction.removeSlot(old, of: transaction.member)
            }
            return Identifier(bytes: slot.id)!
        }
    }

    /// The slots of this kind that the member who is unlocked has; the one they unlocked with first.
    public func ownSlots(_ kind: String, as session: Session) throws(VaultError) -> [Identifier] {
        try VaultError.catching {
            let rows = try read { try $0.slots(of: session.member.id.bytes) }
            let known = state.member(session.member.id)?.slots ?? []
            let own = known.filter { id in
                rows.contains { $0.id == id.bytes && $0.kind == kind }
            }
            return own.filter { $0 == session.slot } + own.filter { $0 != session.slot }
        }
    }

    /// Takes a slot away; the last slot of the last admin stays, since nobody could mend that.
    public func removeSlot(_ id: Identifier, as session: Session) throws(VaultError) {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.removeSlot)
                guard let member = transaction.state.members.first(where: { $0.slots.contains(id) }) else {
                    throw VaultError.slotNotFound(id.hex)
                }
                guard member.id == session.member.id || transaction.member.role == .admin else {
                    throw VaultError.forbidden(
                        member: session.member.name, role: transaction.member.role, action: .removeSlot)
                }
                let admins = transaction.state.members.filter { $0.role == .admin }
                if member.role == .admin, admins.reduce(0, { $0 + $1.slots.count }) == 1 {
                    throw VaultError.lastSlot(member: member.name)
                }
                try transaction.removeSlot(id, of: member)
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func removeSlot(_ id: Identifier, of member: LedgerState.Member) throws {
        try rows.deleteSlot(id.bytes)
        try record(.removeSlot, member.object, Change(details: ["slot": .string(id.hex)]))
    }
}

extension Rows {
    /// When each slot of a member was added, by its identifier.
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
