import VaultText

/// A field of a form: a setting in plain text, or a secret.
///
/// Whether a field applies and must have a value depends on the settings and on which secrets are given, never on the
/// value of a secret.
///
/// It is a class, because a form is read once and passed around, and a structure would copy 18 properties each time.
public final class Field: Sendable, Equatable {
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
    /// When the field applies.
    let condition: Condition
    let requirement: Requirement
    /// The most characters, or the most bytes of a secret.
    public let maximumLength: Int
    let normalizers: [Normalizer]
    /// Texts that people paste before a secret, such as `AppKey ` or `Authorization:`. They are removed; case is ignored.
    let strippedPrefixes: [String]
    /// Prefixes of other kinds of secrets, which are rejected.
    let foreignPrefixes: [ForeignPrefix]
    /// The lifetime of a secret.
    public let renewal: Renewal

    init(
        key: String, label: String, help: String, howToGet: String?, example: String?, isSecret: Bool,
        isList: Bool, isMultiline: Bool, isClientReference: Bool, defaultValue: String?, choices: [Choice],
        condition: Condition, requirement: Requirement, maximumLength: Int, normalizers: [Normalizer],
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
        self.normalizers = normalizers
        self.strippedPrefixes = strippedPrefixes
        self.foreignPrefixes = foreignPrefixes
        self.renewal = renewal
    }

    /// Compares all properties.
    public static func == (a: Field, b: Field) -> Bool {
        if a === b { return true }
        let isSameQuestion =
            a.key == b.key && a.label == b.label && a.help == b.help && a.howToGet == b.howToGet
            && a.example == b.example && a.defaultValue == b.defaultValue && a.choices == b.choices
        let isSameKind =
            a.isSecret == b.isSecret && a.isList == b.isList && a.isMultiline == b.isMultiline
            && a.isClientReference == b.isClientReference && a.maximumLength == b.maximumLength
        return isSameQuestion && isSameKind && a.condition == b.condition && a.requirement == b.requirement
            && a.normalizers == b.normalizers && a.strippedPrefixes == b.strippedPrefixes
            && a.foreignPrefixes == b.foreignPrefixes && a.renewal == b.renewal
    }
}

/// A value that a field can have.
public struct Choice: Sendable, Equatable {
    /// The value that is stored.
    public let value: String
    /// The name for people. It is accepted in place of the value.
    public let label: String
    let help: String
    /// When the choice is available.
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

/// The value of a setting.
public enum SettingValue: Sendable, Equatable, Codable {
    /// The value of a field that is not a list.
    case text(String)
    /// The values of a list.
    case list([String])

    /// The values; one for a text.
    public var values: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let list): list
        }
    }

    /// Compares UTF-8 bytes, because a secret is sealed to them.
    public static func == (a: SettingValue, b: SettingValue) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        case (.list(let a), .list(let b)): a.haveSameBytes(as: b)
        default: false
        }
    }
}

/// The settings of a connection or OAuth 2.0 client by key.
public typealias Settings = [String: SettingValue]
