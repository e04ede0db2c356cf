import VaultLedger
import VaultStore

/// Aborts a rotation: destroys the pending versions. The current ones stay.
///
/// - Throws: `notFound`, and `rotation` with `nothingPending` or `settingsEdited`.
public struct AbortRotation: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let owner: String
    var action: Action { .abortRotation }

    /// Creates an operation that aborts the rotation of this connection or client.
    public init(of owner: String) { self.owner = owner }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(owner)
        var state = try transaction.signedState(of: row)
        let pending = try transaction.pending(state, row)
        for secret in pending { try transaction.destroy(secret, of: row, in: &state) }
        let fields = JSON.array(pending.map { .string($0.field) })
        try transaction.record(
            .abortRotation, row.object, Change(state: state, details: ["fields": fields]))
        return RotationStep(row, pending)
    }
}
