import VaultLedger
public import VaultRegistry
import VaultStore

/// How often a secret of one owner is to be rotated, where that is not what its connector says.
public enum RotationRule: Sendable, Equatable, Codable {
    case every(Period)
    case never
    /// As the connector says.
    case standard

    /// The word of the ledger, nil for what the connector says.
    var word: String? {
        switch self {
        case .every(let period): period.text
        case .never: "never"
        case .standard: nil
        }
    }
}

extension SecretTerms {
    /// Terms of a version that follows another one: what was said of its period goes on to hold.
    init(
        _ field: Field, at time: Timestamp, after before: OwnerState.Secret?, label: SecretLabel = .current,
        expires: Timestamp? = nil
    ) {
        self.init(field, at: time, label: label, expires: expires, rule: before?.rotateEvery)
    }
}

extension Field {
    /// When a version that was set at a time is to be rotated.
    func rotateBy(setAt time: Timestamp, rule: String?) -> Timestamp? {
        guard let rule else { return renewal.rotateEvery.map { time + $0 } }
        return Period(rule).map { time + $0 }
    }
}

extension Transaction {
    /// Gives the secrets of an owner other periods, and tells what changed; all of them are given by field.
    mutating func setPeriods(
        _ rules: [String: RotationRule], of owner: OwnerRow, _ connector: Connector,
        in state: inout OwnerState
    ) throws -> JSON.Members {
        var changed: JSON.Members = [:]
        let origins = try rows.origins(of: owner)
        for (key, rule) in rules.sorted(by: { $0.key < $1.key }) {
            let field = try connector.secretField(key, of: owner)
            for before in state.secrets where before.field == key {
                var secret = before
                secret.rotateEvery = rule.word
                if secret.label != .previous, let origin = origins[VersionKey(secret)] {
                    secret.rotateBy = field.rotateBy(setAt: origin.setAt, rule: rule.word)
                }
                // The connector's period may be another one than when the version was set.
                guard secret != before else { continue }
                var change: JSON.Members = [:]
                change["new"] = rule.word.map(JSON.string)
                change["old"] = before.rotateEvery.map(JSON.string)
                changed[key] = .object(change)
                state.put(secret)
                try rows.setRotateBy(
                    of: owner.id, field: key, version: secret.version, secret.rotateBy?.text)
            }
        }
        return changed
    }
}
