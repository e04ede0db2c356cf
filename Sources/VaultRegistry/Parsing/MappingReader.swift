/// Reads a mapping of the file by key, and reports unknown keys and values of the wrong kind.
struct MappingReader {
    /// The most items of a list; bounds the work, because items are compared with each other.
    static let maximumItems = 200

    /// The name of the mapping in messages: `a field`, `a choice`.
    let name: String
    let position: SourcePosition
    let diagnostics: DiagnosticCollector
    private let entries: [Node.Entry]

    /// Returns nil, after an error was reported, if the node is not a mapping.
    init?(_ node: Node, _ name: String, keys: [String], diagnostics: DiagnosticCollector) {
        self.name = name
        self.diagnostics = diagnostics
        position = node.position
        guard case .mapping(let mapping, _) = node else {
            diagnostics.error(
                node.position, "\(name) must be a mapping", "its keys are \(keys.joined(with: "and"))")
            return nil
        }
        entries = mapping.filter { entry in
            let key = entry.key
            if keys.contains(key.string) { return true }
            diagnostics.error(
                key.position, "unknown key '\(shown(key.string))' in \(name)",
                nearestHint(key.string, among: keys))
            return false
        }
    }

    /// A linear search: a mapping has few keys, and this is on the path of short commands.
    private func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key.string == key }
    }

    func has(_ key: String) -> Bool { entry(key) != nil }
    func node(_ key: String) -> Node? { entry(key)?.value }
    /// The position of a key, or of the mapping if it does not have the key.
    func keyPosition(_ key: String) -> SourcePosition { entry(key)?.key.position ?? position }
    /// The position of a value, or of the mapping if it does not have the key.
    func valuePosition(_ key: String) -> SourcePosition { node(key)?.position ?? position }

    /// Returns a text, or an empty one after an error was reported.
    func requiredText(_ key: String) -> String {
        if let text = text(key) { return text }
        if !has(key) { diagnostics.error(position, "\(name) needs '\(key)'", "add '\(key): …'") }
        return ""
    }

    /// Returns a text, or nil if the key is missing or, after an error was reported, the value is not a text.
    func text(_ key: String) -> String? {
        guard let value = node(key) else { return nil }
        guard case .scalar(let scalar) = value else {
            diagnostics.error(value.position, "'\(key)' must be a single text")
            return nil
        }
        let text = String(scalar.string.trimmed)
        guard !text.isEmpty else {
            diagnostics.error(keyPosition(key), "'\(key)' is empty", "give it a value, or remove it")
            return nil
        }
        if let odd = text.unicodeScalars.first(where: { $0.isUnsafe && $0 != "\n" }) {
            diagnostics.error(value.position, "'\(key)' contains the invisible character \(odd.codePoint)")
        }
        return text
    }

    func flag(_ key: String, default standard: Bool = false) -> Bool {
        guard let text = text(key) else { return standard }
        if let flag = boolean(text) { return flag }
        diagnostics.error(valuePosition(key), "'\(key)' must be yes or no")
        return standard
    }

    func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(key) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        diagnostics.error(
            valuePosition(key),
            "'\(key)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// Returns the items of a list; a value that is not a list is its only item.
    func items(_ key: String) -> [Node] {
        guard let value = node(key) else { return [] }
        guard case .sequence(let items, _) = value else { return [value] }
        if items.isEmpty { diagnostics.error(keyPosition(key), "'\(key)' is empty", "remove it") }
        if items.count > Self.maximumItems {
            diagnostics.error(keyPosition(key), "'\(key)' has more than \(Self.maximumItems) items")
        }
        return Array(items.prefix(Self.maximumItems))
    }

    /// Returns the texts of a list, each with its position.
    func texts(_ key: String) -> [(text: String, position: SourcePosition)] {
        items(key).compactMap { node in
            if case .scalar(let scalar) = node, !scalar.string.isEmpty {
                return (scalar.string, node.position)
            }
            diagnostics.error(node.position, "'\(key)' must be a text or a list of texts")
            return nil
        }
    }
}

/// Returns text of the file for a message: short, and without characters that control the terminal.
func shown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(60) { result.append(scalar.isUnsafe ? "\u{FFFD}" : scalar) }
    return String(result)
}

/// Returns the value of `yes`, `true`, `no` or `false`; nil for any other text.
func boolean(_ text: String) -> Bool? {
    switch text {
    case "yes", "true": true
    case "no", "false": false
    default: nil
    }
}
