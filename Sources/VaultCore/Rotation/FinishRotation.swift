import VaultLedger
public import VaultRegistry
import VaultStore

/// Makes the pending versions current, and keeps the former ones as previous for an overlap.
///
/// All fields of the owner change in one transaction; with a client, so do all connections that use it.
///
/// - Throws: `notFound`, and `rotation` with `nothingPending`, `untested`, `settingsEdited`, `overtaken`, `clockWentBack`.
public struct FinishRotation: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let owner: String
    private let overlap: Period?
    private let allowsUntested: Bool
    var action: Action { .finishRotation }

    /// - Parameters:
    ///   - owner: The name of a connection or client.
    ///   - overlap: How long the former versions are kept; nil destroys them.
    ///   - untested: Whether versions that have not passed a test are accepted.
    public init(of owner: String, overlap: Period?, untested: Bool = false) {
        (self.owner, self.overlap, allowsUntested) = (owner, overlap, untested)
    }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(owner)
        var state = try transaction.signedState(of: row)
        let pending = try transaction.pending(state, row)
        let isTested = pending.allSatisfy { $0.testedAt != nil }
        guard allowsUntested || isTested else { throw VaultError.rotation(.untested(owner: row.name)) }
        try transaction.checkClock(row)
        let keepUntil = overlap.map { transaction.time + $0 }
        var destroyed: [OwnerState.Secret] = []
        for secret in pending {
            if let current = state.secret(secret.field, .current) {
                guard current.version < secret.version else {
                    let origin = try transaction.rows.origins(of: row)[FieldVersion(current)]!
                    throw VaultError.rotation(
                        .overtaken(owner: row.name, field: secret.field, by: origin.setBy, at: origin.setAt))
                }
                let older = state.secret(secret.field, .previous)
                let replaced = [older, keepUntil == nil ? current : nil].compactMap(\.self)
                for version in replaced { try transaction.destroy(version, of: row, in: &state) }
                destroyed += replaced
                if let keepUntil {
                    try transaction.relabel(current, .previous, keepUntil: keepUntil, of: row, in: &state)
                }
            }
            try transaction.relabel(secret, .current, of: row, in: &state)
        }
        let isKept = pending.contains { state.secret($0.field, .previous) != nil }
        var change = Change(
            state: state, details: ["fields": .array(pending.map { .string($0.field) })])
        if !isTested { change.details["untested"] = true }
        change.note(destroyed: destroyed.map { ($0.field, $0.version, $0.label.rawValue) })
        try transaction.record(.finishRotation, row.object, change)
        return RotationStep(row, pending, keepUntil: isKept ? keepUntil : nil)
    }
}
