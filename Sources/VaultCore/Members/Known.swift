public import VaultLedger
import VaultStore

/// An owner with secrets that a member knows, or could: what has to be replaced at the provider when they go.
public struct KnownOwner: Sendable, Equatable {
    public let kind: OwnerKind
    public let name: String
    public let fields: [String]
    public let how: How

    public enum How: Sendable, Equatable {
        /// They have used it, last at that time.
        case used(Timestamp)
        /// They have entered it.
        case entered
        /// They had the key, and no use of it is in the ledger: a copy of the file leaves none.
        case couldOpen
    }
}

extension Vault {
    /// Every owner whose present secrets a member could have seen: all of them for one who may open, those that they
    /// entered themselves for a writer. What they have used comes first, the latest on top; then by name.
    public func knownOwners(to name: String) throws(VaultError) -> [KnownOwner] {
        try VaultError.catching {
            let member = try member(named: name)
            return try read { rows in
                let uses = member.role.mayOpen ? try rows.uses(by: member) : [:]
                var found: [KnownOwner] = []
                try rows.forEachOwnerRow { owner in
                    let secrets = try rows.secrets(of: owner.id)
                    let entered = secrets.filter { $0.setBy == member.name }
                    let known = member.role.mayOpen ? secrets : entered
                    guard !known.isEmpty else { return }
                    let how =
                        uses[owner.identifier.hex].map(KnownOwner.How.used)
                        ?? (entered.isEmpty ? .couldOpen : .entered)
                    found.append(
                        KnownOwner(
                            kind: owner.ownerKind, name: owner.name, fields: Set(known.map(\.field)).sorted(),
                            how: how))
                }
                return found.sorted { ($0.how.order, $0.name) < ($1.how.order, $1.name) }
            }
        }
    }
}

extension KnownOwner.How {
    fileprivate var order: Int64 {
        switch self {
        case .used(let time): -time.seconds
        case .entered: Int64.max - 1
        case .couldOpen: Int64.max
        }
    }
}

extension Rows {
    /// When a member last used each owner, by its identifier.
    fileprivate func uses(by member: LedgerState.Member) throws -> [String: Timestamp] {
        var uses: [String: Timestamp] = [:]
        try forEachEntry(by: member.id.hex, from: try firstEntry(about: member.id.hex) ?? 0) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            if entry.action.isUse { uses[entry.object.id] = entry.time }
        }
        return uses
    }
}
