import VaultLedger
import VaultStore

// A vault has no background jobs. The next change by a member who may rotate destroys previous versions after the end of
// their overlap; if there are none, this costs one index lookup.
extension Transaction {
    /// The number of versions that one change destroys, so that it is not delayed.
    private static let maximumCount = 20

    /// Destroys previous versions after the end of their overlap.
    ///
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
