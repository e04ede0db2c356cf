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
        guard !versions.isEmpty else {
            let known = Set(state.secrets.map(\.field)).sorted()
            throw VaultError.input(.noSuchSecret(owner: row.name, field: field, fields: known))
        }
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
