import VaultLedger
public import VaultRegistry
import VaultStore

/// How often a secret must be rotated.
public enum RotationRule: Sendable, Equatable, Codable {
    case every(Period)
    case never
    /// As often as its connector says.
    case standard

    /// The value in the ledger; nil for `standard`.
    var word: String? {
        switch self {
        case .every(let period): period.text
        case .never: "never"
        case .standard: nil
        }
    }
}

extension Field {
    /// When a version that was set at `time` must be rotated; nil for never.
    func rotateBy(setAt time: Timestamp, rule: String?) -> Timestamp? {
        guard let rule else { return renewal.rotateEvery.map { time + $0 } }
        return Period(rule).map { time + $0 }
    }
}

extension Transaction {
    /// Changes rotation periods, by field, of an owner's secrets.
    ///
    /// - Returns: The changed fields, with the old and new period of each.
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
                if secret.label != .previous, let origin = origins[FieldVersion(secret)] {
                    secret.rotateBy = field.rotateBy(setAt: origin.setAt, rule: rule.word)
                }
                // The due date may change even if the rule does not: the connector's period may have changed.
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
