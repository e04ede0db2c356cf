/// What the conditions and templates of a mapping can refer to, and where its mistakes are reported.
struct Scope {
    let diagnostics: DiagnosticCollector
    /// The fields of the form so far.
    var fields: [Field] = []
    var clientFields: [Field] = []
    /// The endpoint that issues access tokens; nil if the connector has no form for clients.
    var tokenEndpoint: TokenEndpoint?
}

/// Reads a mapping of the file by key, and reports unknown keys and values of the wrong kind.
struct MappingReader {
    /// The maximum number of items in a list. Limits the work, since items are compared with each other.
    static let maximumItems = 200

    /// The name of the mapping in messages: `a field`, `a choice`.
    let name: String
    let position: SourcePosition
    var scope: Scope
    private let entries: [Node.Entry]

    /// Reports an error and returns nil if the node is not a mapping.
    init?(_ node: Node, _ name: String, keys: [String], _ scope: Scope) {
        (self.name, self.scope, position) = (name, scope, node.position)
        guard case .mapping(let mapping, _) = node else {
            scope.diagnostics.error(
                node.position, "\(name) must be a mapping", "its keys are \(keys.joined(with: "and"))")
            return nil
        }
        entries = mapping.filter { entry in
            let key = entry.key
            if keys.contains(key.string) { return true }
            scope.diagnostics.error(
                key.position, "unknown key '\(shown(key.string))' in \(name)",
                nearestHint(key.string, among: keys))
            return false
        }
    }

    var diagnostics: DiagnosticCollector { scope.diagnostics }

    /// A linear search: a mapping has few keys, and this is on the path of short commands.
    private func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key.string == key }
    }

    func has(_ key: String) -> Bool { entry(key) != nil }
    func node(_ key: String) -> Node? { entry(key)?.value }

    // MARK: Errors

    /// Reports an error at a key, or at the mapping if it does not have the key.
    func reject(key: String, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        diagnostics.error(entry(key)?.key.position ?? position, message, hint())
    }

    /// Reports an error at the value of a key, or at the mapping if it does not have the key.
    func reject(value key: String, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        diagnostics.error(node(key)?.position ?? position, message, hint())
    }

    /// Reports an error if a key is missing.
    func require(_ key: String, _ hint: String? = nil) {
        if !has(key) { diagnostics.error(position, "\(name) needs '\(key)'", hint ?? "add '\(key): …'") }
    }

    // MARK: Values

    /// Returns a text, or an empty one after an error was reported.
    func requiredText(_ key: String) -> String {
        require(key)
        return text(key) ?? ""
    }

    /// Returns a text, or nil if the key is missing or, after an error was reported, the value is not a text.
    func text(_ key: String) -> String? {
        guard let value = node(key) else { return nil }
        guard case .scalar(let scalar) = value else {
            reject(value: key, "'\(key)' must be a single text")
            return nil
        }
        let text = String(scalar.string.trimmed)
        guard !text.isEmpty else {
            reject(key: key, "'\(key)' is empty", "give it a value, or remove it")
            return nil
        }
        if let odd = text.unicodeScalars.first(where: { $0.isUnsafe && $0 != "\n" }) {
            reject(value: key, "'\(key)' contains the invisible character \(odd.codePoint)")
        }
        return text
    }

    /// Converts a text; returns nil if the key is missing or, after an error was reported, `convert` returns nil.
    func value<Value>(
        _ key: String, _ kind: String, _ hint: String? = nil, _ convert: (String) -> Value?
    ) -> Value? {
        guard let text = text(key) else { return nil }
        if let value = convert(text) { return value }
        reject(value: key, "'\(key)' must be \(kind)", hint)
        return nil
    }

    func flag(_ key: String) -> Bool? { value(key, "yes or no", nil, boolean) }

    func mapping(_ key: String, _ name: String, keys: [String]) -> MappingReader? {
        node(key).flatMap { MappingReader($0, name, keys: keys, scope) }
    }

    /// Returns the items of a list; a value that is not a list is its only item.
    func items(_ key: String) -> [Node] {
        guard let items = node(key)?.items else { return [] }
        if items.isEmpty { reject(key: key, "'\(key)' is empty", "remove it") }
        if items.count > Self.maximumItems {
            reject(key: key, "'\(key)' has more than \(Self.maximumItems) items")
        }
        return Array(items.prefix(Self.maximumItems))
    }

    /// Returns the mappings of a list.
    func mappings(_ key: String, _ name: String, keys: [String]) -> [MappingReader] {
        items(key).compactMap { MappingReader($0, name, keys: keys, scope) }
    }

    /// Returns the texts of a list, each with its position.
    func texts(_ key: String) -> [(text: String, position: SourcePosition)] {
        items(key).compactMap { node in
            if let text = node.text { return (text, node.position) }
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
