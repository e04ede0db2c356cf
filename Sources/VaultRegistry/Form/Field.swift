/// A field of a form: a setting in plain text, or a secret.
///
/// Whether a field applies and must have a value depends on the settings and on which secrets are given, never on the
/// value of a secret.
public struct Field: Sendable, Equatable {
    /// The name on the command line: `[a-z0-9-]{1,64}`.
    public let key: String
    /// The name for people.
    public let label: String
    /// One or two sentences about the value.
    public let help: String
    /// Steps to get the value, one on each line.
    public let howToGet: String?
    /// A valid value.
    public let example: String?
    /// Whether the value is sealed and never stored as text.
    public let isSecret: Bool
    /// Whether the field has several values. Each is normalized and stored once, in the order given.
    public let isList: Bool
    /// Whether the value can have several lines.
    public let isMultiline: Bool
    /// Whether the value is the name of a stored OAuth 2.0 client of the same connector.
    public let isClientReference: Bool
    /// The value that is stored when none is given.
    public let defaultValue: String?
    /// The values to choose from; empty for a field of free text.
    public let choices: [Choice]
    let condition: Condition
    var requirement: Requirement
    /// The maximum length in characters, or in bytes for a secret.
    public let maximumLength: Int
    let normalizers: [Normalizer]
    /// Texts that people paste before a secret, such as `AppKey ` or `Authorization:`. They are removed; case is ignored.
    let strippedPrefixes: [String]
    let foreignPrefixes: [ForeignPrefix]
    /// The lifetime of a secret.
    public let renewal: Renewal
}

/// A value that a field can have.
public struct Choice: Sendable, Equatable {
    /// The value that is stored.
    public let value: String
    /// The name for people. It is accepted in place of the value.
    public let label: String
    let help: String
    let condition: Condition
}

/// A prefix of another kind of secret.
struct ForeignPrefix: Sendable, Equatable {
    let prefix: String
    /// What the prefix means, and what to do.
    let means: String
}

/// Whether a field that applies must have a value.
enum Requirement: Sendable, Equatable {
    case always
    case never
    /// If the condition holds. It can test any field, and whether a secret is given.
    case when(Condition)
}

extension Field {
    /// Whether the field applies, given the settings so far.
    public func applies(in settings: Settings) -> Bool { condition.holds(in: settings) == true }

    /// Returns the available choices, given the settings so far; empty for a field of free text.
    public func choices(in settings: Settings) -> [Choice] {
        choices.filter { $0.condition.holds(in: settings) == true }
    }

    /// Whether the field must have a value if it applies, or nil if that depends on an unknown field.
    ///
    /// A requirement that tests later fields is only final once these have values.
    ///
    /// - Parameters:
    ///   - settings: The settings so far.
    ///   - secretsGiven: The keys of the secrets that were or will be given.
    ///   - unknown: The keys of fields with a rejected or missing value.
    public func isRequired(
        in settings: Settings, secretsGiven: Set<String>, unknown: Set<String> = []
    ) -> Bool? {
        switch requirement {
        case .always: true
        case .never: false
        case .when(let condition):
            condition.holds(in: settings, secretsGiven: secretsGiven, unknown: unknown)
        }
    }
}
