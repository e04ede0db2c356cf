import VaultLedger
import VaultStore

// Previous versions whose overlap has ended are destroyed by the next change of somebody who may rotate. Nothing runs
// by itself in a vault without a server; one look into an index is what it costs where nothing has ended.
extension Transaction {
    /// How many versions one change takes with it: so few that nobody waits for it.
    private static let most = 20

    /// Destroys what is past its overlap.
    ///
    /// An owner whose rows are not what was signed is left as it is: a date that somebody wrote into the file must not
    /// destroy a secret. `audit verify` names it.
    mutating func destroyPastOverlap() throws {
        guard member.role.allows(.destroySecret) else { return }
        for owner in Set(try rows.ownersPastOverlap(by: timeText, limit: Self.most)) {
            guard let row = try rows.owner(id: owner) else { continue }
            var state: OwnerState
            do { state = try signedState(of: row) } catch VaultError.tampered { continue }
            let ended = state.secrets(.previous).filter { $0.keepUntil.map { $0 <= time } ?? false }
            guard !ended.isEmpty else { continue }
            try recordDestruction(ended, of: row, state: &state, why: "the overlap ended")
        }
    }
}
