import VaultCrypto
import VaultLedger
import VaultStore

extension Vault {
    /// Entries and heads with numbers outside the ledger, which nothing reads (case 102).
    func strayRowFaults(_ rows: Rows) throws -> [Tampering] {
        let (entries, heads) = try rows.strayLedgerRows(size: size)
        return entries.map { .strayRow(table: "entries", number: $0) }
            + heads.map { .strayRow(table: "heads", number: $0) }
    }

    /// Malformed slots, and slots with another kind than they were added with (case 101).
    ///
    /// Salt, cost and sealed seed are bound to each other by the seal, which is checked when the slot is unlocked. Entries
    /// before `first` were not hashed by this verification, and are proven by the tree.
    func slotFaults(_ rows: Rows, since first: UInt64) throws -> [Tampering] {
        let stored = try rows.slots()
        var faults: [Tampering] = []
        for member in state.members {
            let own = stored.filter { $0.member == member.id.bytes }
            let kinds = try rows.slotKinds(of: member, in: known, before: first)
            for slot in own where Identifier(bytes: slot.id).map(member.slots.contains) ?? false {
                if !slot.isWellFormed || kinds[slot.id] != SlotKind(rawValue: slot.kind) {
                    faults.append(.slotAltered(member: member.name))
                }
            }
        }
        return faults
    }

    /// Malformed grants and sealed previous master keys.
    func sealedKeyFaults(_ rows: Rows) throws -> [Tampering] {
        var faults: [Tampering] = []
        for epoch in [state.retiring, state.epoch].compactMap(\.self) {
            let sealed = try rows.grantedMembers(epoch: epoch.number).map { member in
                try rows.grant(epoch: epoch.number, member: member)
            }
            if sealed.contains(where: { $0?.count != MasterKey.grantLength }) {
                faults.append(.grantRow(epoch: epoch.number))
            }
        }
        for row in try rows.epochs() {
            if let sealed = row.sealedPrevious, !Slot.isSealedSeed(sealed) {
                faults.append(.epochRow(epoch: row.epoch))
            }
        }
        return faults
    }
}

extension Rows {
    /// The kind of each slot that a member ever had, from the entries that added them. Entries before `first` are proven by
    /// the tree.
    func slotKinds(
        of member: LedgerState.Member, in ledger: KnownLedger, before first: UInt64 = .max
    ) throws -> [[UInt8]: SlotKind] {
        var kinds: [[UInt8]: SlotKind] = [:]
        try forEachEntry(about: member.id.hex) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            guard entry.action == .addSlot, let slot = entry.change.details["slot"]?.string,
                let id = Identifier(hex: slot)
            else { return }
            if seq < first { try checkInclusion(of: bytes, at: seq, in: ledger) }
            kinds[id.bytes] = entry.change.details["kind"]?.string.flatMap(SlotKind.init(rawValue:))
        }
        return kinds
    }
}

extension SlotRow {
    /// Whether the row is a valid slot of its kind; only a passphrase has a cost, within the limits.
    fileprivate var isWellFormed: Bool {
        guard salt.count == 16, Slot.isSealedSeed(sealed) else { return false }
        guard kind == SlotKind.passphrase.rawValue else { return memory == nil && passes == nil }
        guard let memory, let passes, let bytes = UInt64(exactly: memory), let count = UInt64(exactly: passes)
        else {
            return false
        }
        return (try? PassphraseCost(memory: bytes, passes: count)) != nil
    }
}
