import VaultLedger
import VaultStore

/// Destroys a version that is not current.
///
/// - Throws: `notFound`, `noSuchSecret`, and `rotation` with `noSuchVersion` or `versionIsCurrent`.
public struct DestroyVersion: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let version: UInt64
    private let field: String
    private let owner: String
    var action: Action { .destroySecret }

    /// Creates an operation that destroys one version of a field.
    public init(_ version: UInt64, of field: String, of owner: String) {
        (self.version, self.field, self.owner) = (version, field, owner)
    }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(owner)
        var state = try transaction.signedState(of: row, replacing: field)
        let versions = state.secrets.filter { $0.field == field }
        guard !versions.isEmpty else { throw state.noSuchSecret(field, of: row) }
        guard let secret = versions.first(where: { $0.version == version }) else {
            throw VaultError.rotation(
                .noSuchVersion(
                    owner: row.name, field: field, version: version, versions: versions.map(\.version)))
        }
        guard secret.label != .current else {
            throw VaultError.rotation(.versionIsCurrent(owner: row.name, field: field, version: version))
        }
        try transaction.recordDestruction([secret], of: row, state: &state)
        return RotationStep(row, [secret])
    }
}

// A vault has no background jobs. The next change by a member who may rotate destroys previous versions after the end of
// their overlap; if there are none, this costs one index lookup.
extension Transaction {
    /// The number of versions that one change destroys, so that it is not delayed.
    private static let maximumCount = 20

    /// An owner with rows that differ from the ledger is skipped, since a forged date must not destroy a secret.
    /// `audit verify` reports it.
    mutating func destroyPastOverlap() throws {
        guard member.role.allows(.destroySecret) else { return }
        for owner in Set(try rows.ownersPastOverlap(by: timeText, limit: Self.maximumCount)) {
            guard let row = try rows.owner(id: owner) else { continue }
            var state: OwnerState
            do { state = try signedState(of: row) } catch VaultError.integrity(.tampered) { continue }
            let ended = state.secrets(.previous).filter { $0.keepUntil.map { $0 <= time } ?? false }
            guard !ended.isEmpty else { continue }
            try recordDestruction(ended, of: row, state: &state, why: "the overlap ended")
        }
    }
}
