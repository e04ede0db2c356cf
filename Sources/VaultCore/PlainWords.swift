/// Describes errors that have no message, for logs.
///
/// Unlike Swift's description of a value, the text shows no type names, and only the strings and numbers that a case
/// carries.
public enum PlainWords {
    /// Describes an error, for example `wrong credential: ana, key-file` or `/x/vault.db: No space left on device`.
    public static func text(of value: Any) -> String {
        if case let error as VaultError = value, case .file(.io(let path, let why)) = error {
            return path.isEmpty ? why : "\(path): \(why)"
        }
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .enum else { return words("\(type(of: value))") }
        guard let only = mirror.children.first, let name = only.label else { return words("\(value)") }
        let carried = parts(of: only.value)
        return carried.isEmpty ? words(name) : "\(words(name)): \(carried.joined(separator: ", "))"
    }

    private static func parts(of value: Any) -> [String] {
        switch value {
        case let text as String: return text.isEmpty ? [] : [text]
        case let number as any BinaryInteger: return ["\(number)"]
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .tuple, .collection, .set, .optional: return mirror.children.flatMap { parts(of: $0.value) }
        case .enum: return [text(of: value)]
        default: return []
        }
    }

    /// `wrongCredential` as `wrong credential`.
    private static func words(_ name: String) -> String {
        var words = ""
        var isAfterCapital = true
        for character in name {
            if character.isUppercase, !isAfterCapital { words += " " }
            words += character.lowercased()
            isAfterCapital = character.isUppercase
        }
        return words
    }
}
