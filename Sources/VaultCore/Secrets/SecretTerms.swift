import VaultLedger
import VaultRegistry
import VaultStore

/// The label and dates of a new version of a secret.
struct SecretTerms: Equatable {
    var label: SecretLabel
    let expires: Timestamp?
    let rotateBy: Timestamp?
    /// How often it must be rotated, if that differs from the connector.
    let rule: String?

    /// Creates terms; those of the connector are the default. A version that replaces another one keeps its rotation period.
    init(
        _ field: Field, at time: Timestamp, after before: OwnerState.Secret? = nil,
        label: SecretLabel = .current, expires: Timestamp? = nil
    ) {
        self.label = label
        self.expires = expires ?? field.renewal.expiresAfter.map { time + $0 }
        rule = before?.rotateEvery
        rotateBy = field.rotateBy(setAt: time, rule: rule)
    }

    /// Creates the terms of an imported secret, which keeps its dates.
    init(expires: Timestamp?, rotateBy: Timestamp?, rule: String?) {
        (label, self.expires, self.rotateBy, self.rule) = (.current, expires, rotateBy, rule)
    }
}

extension Timestamp {
    static func + (time: Timestamp, period: Period) -> Timestamp {
        Timestamp(seconds: time.seconds + period.seconds)
    }

    static func - (time: Timestamp, period: Period) -> Timestamp {
        Timestamp(seconds: time.seconds - period.seconds)
    }
}

extension SecretRow {
    var isCurrent: Bool { label == SecretLabel.current.rawValue }
}

extension Change {
    /// Adds the expiry of a new secret to the details, under its field.
    mutating func note(_ terms: SecretTerms, of field: Field) {
        guard let time = terms.expires else { return }
        var expires = details["expires"]?.object ?? [:]
        expires[field.key] = .string(time.text)
        details["expires"] = .object(expires)
    }

    /// Adds the versions that this change also destroyed to the details.
    mutating func note(destroyed: [(field: String, version: UInt64, label: String)]) {
        guard !destroyed.isEmpty else { return }
        details["destroyed"] = .array(
            destroyed.map {
                [
                    "field": .string($0.field), "label": .string($0.label),
                    "version": .integer(Int64($0.version)),
                ]
            })
    }
}
