public import VaultLedger
import VaultStore

/// The connections and clients with current secrets that a member could have seen: all of them for a member who may open
/// secrets, those that they entered for others. Used ones come first, the latest on top; then by name.
///
/// - Throws: `memberUnknown`.
public struct ListKnownSecrets: ReadQuery {
    public typealias Answer = [KnownOwner]

    private let member: String

    /// Creates a query for the member with this name.
    public init(of member: String) { self.member = member }

    func run(on rows: Rows, in vault: Vault) throws -> [KnownOwner] {
        let member = try vault.member(named: member)
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
            let fields = Set(known.map(\.field)).sorted()
            found.append(KnownOwner(kind: owner.ownerKind, name: owner.name, fields: fields, how: how))
        }
        return found.sorted { ($0.how.order, $0.name) < ($1.how.order, $1.name) }
    }
}

/// A connection or client with secrets that a member knows or could know, which must be replaced at the provider when the
/// member leaves.
public struct KnownOwner: Sendable, Equatable, Codable {
    /// Whether it is a connection or a client.
    public let kind: OwnerKind
    /// The name of the connection or client.
    public let name: String
    /// The keys of the fields, sorted.
    public let fields: [String]
    /// How the member could have seen the secrets.
    public let how: How

    /// How a member could have seen secrets; the first case that applies.
    public enum How: Sendable, Equatable, Codable {
        /// The member used it, last at this time.
        case used(Timestamp)
        /// The member entered it.
        case entered
        /// The member had the key. The ledger has no use by them, but a copy of the file leaves none.
        case couldOpen

        fileprivate var order: Int64 {
            switch self {
            case .used(let time): -time.seconds
            case .entered: Int64.max - 1
            case .couldOpen: Int64.max
            }
        }
    }
}

extension Rows {
    /// The time of a member's last use of each owner, by the owner's id.
    fileprivate func uses(by member: LedgerState.Member) throws -> [String: Timestamp] {
        var uses: [String: Timestamp] = [:]
        try forEachEntry(by: member.id.hex, from: try firstEntry(about: member.id.hex) ?? 0) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            if entry.action.isUse { uses[entry.object.id] = entry.time }
        }
        return uses
    }
}
