extension Name {
    /// Returns the names that the user probably meant, nearest first.
    ///
    /// A name is near if at most a third of its letters differ, or if it begins with the text. Case is ignored.
    ///
    /// - Parameters:
    ///   - text: The text that the user typed.
    ///   - names: The names to choose from.
    ///   - limit: The maximum number of names to return.
    public static func nearest(to text: String, among names: [String], limit: Int) -> [String] {
        let wanted = Array(asciiLowercased(text).unicodeScalars.prefix(64))
        guard !wanted.isEmpty, limit > 0 else { return [] }
        let found = names.compactMap { name -> (distance: Int, name: String)? in
            let other = Array(asciiLowercased(name).unicodeScalars.prefix(64))
            if wanted.count >= 3, other.starts(with: wanted) { return (0, name) }
            let length = max(wanted.count, other.count)
            let allowed = max(1, length / 3)
            guard abs(wanted.count - other.count) <= allowed else { return nil }
            let distance = editDistance(wanted, other)
            return distance <= allowed && distance < length ? (distance, name) : nil
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
    }
}

/// Returns the Damerau–Levenshtein distance (optimal string alignment).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var older: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            var best = min(previous[j] + (left[i] == right[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, older[j - 1] + 1)
            }
            row.append(best)
        }
        older = previous
        previous = row
    }
    return previous[right.count]
}
