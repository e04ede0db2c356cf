/// A mapping of the file, read by key, that notes keys it does not know and values of the wrong shape.
struct Section {
    /// More than any system has; it bounds what is compared with each other.
    static let maximumItems = 200

    /// What it is, for messages: `a field`, `a choice`.
    let what: String
    let spot: Spot
    let notes: Notes
    private let entries: [Node.Entry]

    /// nil, after a note, when the node is no mapping.
    init?(_ node: Node, _ what: String, keys: [String], notes: Notes) {
        self.what = what
        self.notes = notes
        spot = node.spot
        guard case .mapping(let mapping, _) = node else {
            notes.error(
                node.spot, "\(what) is a mapping of keys to values", "its keys: \(keys.inWords("and"))")
            return nil
        }
        entries = mapping.filter { entry in
            let key = entry.key
            if keys.contains(key.string) { return true }
            notes.error(
                key.spot, "\(what) has no key '\(shown(key.string))'", nearestHint(key.string, among: keys))
            return false
        }
    }

    /// One after the other: these are few, and a connector is read on the way to a command.
    private func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key.string == key }
    }

    func has(_ key: String) -> Bool { entry(key) != nil }
    func node(_ key: String) -> Node? { entry(key)?.value }
    /// Where the key stands, or the section when it is not there.
    func spot(_ key: String) -> Spot { entry(key)?.key.spot ?? spot }

    /// A text that must be there.
    func requiredText(_ key: String) -> String {
        if let text = text(key) { return text }
        if !has(key) { notes.error(spot, "\(what) needs '\(key)'", "add '\(key): …'") }
        return ""
    }

    /// A text, or nil when it is not there or, after a note, empty or no text.
    func text(_ key: String) -> String? {
        guard let value = node(key) else { return nil }
        guard case .scalar(let scalar) = value else {
            notes.error(value.spot, "'\(key)' is one text")
            return nil
        }
        let text = String(scalar.string.trimmed)
        guard !text.isEmpty else {
            notes.error(spot(key), "'\(key)' is empty", "give it a value, or leave it out")
            return nil
        }
        if let odd = text.unicodeScalars.first(where: { $0.isUnsafe && $0 != "\n" }) {
            notes.error(value.spot, "'\(key)' has the invisible character \(odd.codePoint)")
        }
        return text
    }

    func flag(_ key: String, default standard: Bool = false) -> Bool {
        guard let text = text(key) else { return standard }
        if let flag = truth(text) { return flag }
        notes.error(node(key)?.spot ?? spot, "'\(key)' is yes or no", nil)
        return standard
    }

    func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(key) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        notes.error(
            node(key)?.spot ?? spot,
            "'\(key)' is a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// The items of a list; one text stands for a list of it.
    func items(_ key: String) -> [Node] {
        guard let value = node(key) else { return [] }
        switch value {
        case .sequence(let items, _):
            if items.isEmpty { notes.error(spot(key), "'\(key)' is empty", "leave it out") }
            if items.count > Section.maximumItems {
                notes.error(spot(key), "'\(key)' has more than \(Section.maximumItems) items")
            }
            return Array(items.prefix(Section.maximumItems))
        default: return [value]
        }
    }

    /// The texts of a list, each with its place.
    func texts(_ key: String) -> [(text: String, spot: Spot)] {
        items(key).compactMap { node in
            if case .scalar(let scalar) = node, !scalar.string.isEmpty { return (scalar.string, node.spot) }
            notes.error(node.spot, "'\(key)' is a text, or a list of texts")
            return nil
        }
    }
}

/// A word of the file in a message: short, and without what steers a terminal.
func shown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(60) { result.append(scalar.isUnsafe ? "\u{FFFD}" : scalar) }
    return String(result)
}

func truth(_ text: String) -> Bool? {
    switch text {
    case "yes", "true": true
    case "no", "false": false
    default: nil
    }
}
