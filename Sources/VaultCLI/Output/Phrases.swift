/// A number with its noun: `1 secret`, `2 secrets`.
func counted(_ number: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
    "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

func countedEntries(_ number: some BinaryInteger) -> String { counted(number, "entry", plural: "entries") }

func countedOwners(_ number: Int) -> String {
    counted(number, "connection or client", plural: "connections and clients")
}

/// Lines of a name, padded to `width` columns, and a value.
func aligned(_ facts: [(String, String)], width: Int) -> [String] {
    facts.map { name, value in
        name + String(repeating: " ", count: width - DisplayWidth.of(name)) + value
    }
}

extension [String] {
    /// The names in quotes, separated by commas; the eleventh and later ones are only counted.
    var quoted: String {
        let first = prefix(10).map { "'\($0)'" }.joined(separator: ", ")
        return count > 10 ? "\(first) and \(count - 10) more" : first
    }

    /// The end of a message about an unknown name: `; did you mean 'a' or 'b'?`, or nothing.
    var suggestion: String {
        isEmpty ? "" : "; did you mean \(map { "'\($0)'" }.joined(separator: " or "))?"
    }
}
