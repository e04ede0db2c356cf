/// What an error is in plain words, for a log or a sentence that has no message of its own for it.
///
/// Never the text that Swift makes of a value: that shows types and cases of this program, which mean nothing to its
/// users, and every value within. A case's name is taken apart into words, and of what it carries only names, texts and
/// numbers are said.
public enum PlainWords {
    /// For example `wrong credential: ana, key-file` or `/x/vault.db: No space left on device`.
    public static func text(of value: Any) -> String {
        if case let error as VaultError = value, case .io(let path, let why) = error {
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
        for scalar in name.unicodeScalars {
            let isCapital = (0x41...0x5A).contains(scalar.value)
            if isCapital, !isAfterCapital { words += " " }
            words += isCapital ? String(scalar).lowercased() : String(scalar)
            isAfterCapital = isCapital
        }
        return words
    }
}
