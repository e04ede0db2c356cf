import VaultLedger
import VaultRegistry
import VaultStore

/// What a new version of a secret begins with, besides its value.
struct SecretTerms: Equatable {
    var label: SecretLabel
    let expires: Timestamp?
    let rotateBy: Timestamp?
    /// How often it is to be rotated, where that is not what the connector says.
    let rule: String?

    /// The connector's own terms are taken where nothing else was said.
    init(
        _ field: Field, at time: Timestamp, label: SecretLabel = .current, expires: Timestamp? = nil,
        rule: String? = nil
    ) {
        self.label = label
        self.expires = expires ?? field.renewal.expiresAfter.map { time + $0 }
        self.rule = rule
        rotateBy = field.rotateBy(setAt: time, rule: rule)
    }

    /// Terms that a current secret had elsewhere: moving it does not make it younger.
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
    /// Tells when a secret expires that this change brings, under its field.
    mutating func note(_ terms: SecretTerms, of field: Field) {
        guard let time = terms.expires else { return }
        var expires = details["expires"]?.object ?? [:]
        expires[field.key] = .string(time.text)
        details["expires"] = .object(expires)
    }

    /// Tells of versions that this change destroyed besides what it is about.
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
