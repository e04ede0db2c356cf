import VaultText

/// The normalized settings of a connection or OAuth 2.0 client, by key.
///
/// `VaultCore` encodes them: as JSON in a row and an entry, and as the digest that secrets are sealed to.
public typealias Settings = [String: SettingValue]

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
