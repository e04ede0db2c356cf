import VaultLedger
public import VaultRegistry
import VaultStore

/// Undoes a finished rotation: swaps the labels of the previous and the current version of each field.
///
/// The former current version is kept for an overlap, so that this can be undone too.
///
/// - Throws: `notFound`, `noSuchSecret`, and `rotation` with `noPrevious` or `clockWentBack`.
public struct RollBack: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let fields: [String]
    private let owner: String
    private let overlap: Period
    var action: Action { .rollBackSecret }

    /// Creates an operation that restores the previous versions of fields.
    ///
    /// - Parameters:
    ///   - fields: The keys of the secrets.
    ///   - owner: The name of a connection or client.
    ///   - overlap: How long the versions that are current now are kept.
    public init(_ fields: [String], of owner: String, overlap: Period) {
        (self.fields, self.owner, self.overlap) = (fields, owner, overlap)
    }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(owner)
        var state = try transaction.signedState(of: row)
        try transaction.checkClock(row)
        let keepUntil = transaction.time + overlap
        var restored: [OwnerState.Secret] = []
        for field in Set(fields).sorted() {
            guard let previous = state.secret(field, .previous) else {
                throw state.secrets.contains { $0.field == field }
                    ? VaultError.rotation(.noPrevious(owner: row.name, field: field))
                    : state.noSuchSecret(field, of: row)
            }
            if let current = state.secret(field, .current) {
                try transaction.relabel(current, .previous, keepUntil: keepUntil, of: row, in: &state)
            }
            try transaction.relabel(previous, .current, of: row, in: &state)
            restored.append(previous)
        }
        let names = JSON.array(restored.map { .string($0.field) })
        try transaction.record(
            .rollBackSecret, row.object, Change(state: state, details: ["fields": names]))
        return RotationStep(row, restored, keepUntil: keepUntil)
    }
}
