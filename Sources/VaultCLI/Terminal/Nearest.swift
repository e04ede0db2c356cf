/// The word that somebody probably meant.
enum Nearest {
    /// The candidate nearest to `word`, nil when none is near: within a third of its length in edits, or its beginning.
    static func to(_ word: String, in candidates: [String]) -> String? {
        let wanted = Array(word.lowercased().prefix(64))
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let name = Array(candidate.lowercased().prefix(64))
            let distance = name.starts(with: wanted) ? 0 : edits(wanted, name)
            guard distance <= max(1, name.count / 3), distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// Levenshtein's distance.
    private static func edits(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (line, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, candidate) in other.enumerated() {
                let substituted = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
