import VaultText

/// One line of a form: a setting in plain text, or a secret.
///
/// Rule of this folder: what a form asks, when, and whether an answer may be missing. Everything is decided from
/// the settings so far and from which secrets were given, never from a secret's value.
///
/// A class, since a form is read once and then handed around whole: a value would copy seventeen parts each time.
public final class Field: Sendable, Equatable {
    /// What the command line calls it: `[a-z0-9-]{1,64}`.
    public let key: String
    public let label: String
    public let help: String
    /// Where a person finds this value, a step a line.
    public let howToGet: String?
    public let example: String?
    public let isSecret: Bool
    /// Many-valued: each value is normalised alone, and kept once, in the order given.
    public let isList: Bool
    public let isMultiline: Bool
    /// The value is the name of a stored OAuth 2.0 client of the same connector.
    public let isClientReference: Bool
    public let defaultValue: String?
    public let choices: [Choice]
    /// When the form asks for it at all.
    public let condition: Condition
    public let requirement: Requirement
    /// In characters; for a secret in bytes.
    public let maximumLength: Int
    public let normalisers: [Normaliser]
    /// What people paste before a secret and is taken off, whatever its case: `AppKey `, `Authorization:`.
    public let strippedPrefixes: [String]
    /// What marks the value as a secret of another kind, and what to say then.
    public let foreignPrefixes: [ForeignPrefix]
    /// Of a secret: how long it lasts.
    public let renewal: Renewal

    init(
        key: String, label: String, help: String, howToGet: String?, example: String?, isSecret: Bool,
        isList: Bool, isMultiline: Bool, isClientReference: Bool, defaultValue: String?, choices: [Choice],
        condition: Condition, requirement: Requirement, maximumLength: Int, normalisers: [Normaliser],
        strippedPrefixes: [String], foreignPrefixes: [ForeignPrefix], renewal: Renewal
    ) {
        self.key = key
        self.label = label
        self.help = help
        self.howToGet = howToGet
        self.example = example
        self.isSecret = isSecret
        self.isList = isList
        self.isMultiline = isMultiline
        self.isClientReference = isClientReference
        self.defaultValue = defaultValue
        self.choices = choices
        self.condition = condition
        self.requirement = requirement
        self.maximumLength = maximumLength
        self.normalisers = normalisers
        self.strippedPrefixes = strippedPrefixes
        self.foreignPrefixes = foreignPrefixes
        self.renewal = renewal
    }

    public static func == (a: Field, b: Field) -> Bool {
        if a === b { return true }
        let isSameQuestion =
            a.key == b.key && a.label == b.label && a.help == b.help && a.howToGet == b.howToGet
            && a.example == b.example && a.defaultValue == b.defaultValue && a.choices == b.choices
        let isSameKind =
            a.isSecret == b.isSecret && a.isList == b.isList && a.isMultiline == b.isMultiline
            && a.isClientReference == b.isClientReference && a.maximumLength == b.maximumLength
        return isSameQuestion && isSameKind && a.condition == b.condition && a.requirement == b.requirement
            && a.normalisers == b.normalisers && a.strippedPrefixes == b.strippedPrefixes
            && a.foreignPrefixes == b.foreignPrefixes && a.renewal == b.renewal
    }

}

/// One value that a field takes.
public struct Choice: Sendable, Equatable {
    public let value: String
    public let label: String
    public let help: String
    /// When it can be chosen.
    public let condition: Condition
}

/// A prefix that belongs to another kind of secret.
public struct ForeignPrefix: Sendable, Equatable {
    public let prefix: String
    public let means: String
}

/// Whether a field that applies may be left empty.
public enum Requirement: Sendable, Equatable {
    case always
    case never
    /// Needed when the condition holds, which may ask for what else was given (`given`, `absent`).
    case when(Condition)
}

/// The value of one setting.
public enum SettingValue: Sendable, Equatable {
    case text(String)
    case list([String])

    /// All its values: one for a text.
    public var values: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let list): list
        }
    }

    /// Whether both are the same value by their UTF-8 bytes, as a secret is sealed to them.
    public static func == (a: SettingValue, b: SettingValue) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        case (.list(let a), .list(let b)): a.haveSameBytes(as: b)
        default: false
        }
    }
}

/// The settings of one connection or OAuth 2.0 client, by key.
public typealias Settings = [String: SettingValue]
