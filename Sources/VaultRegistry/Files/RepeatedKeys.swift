import Yams

extension Source {
    /// Notes every repetition of these keys in the block mapping that has one of them at `mark`, and renames them.
    ///
    /// The new name begins with a private-use character, which `Section` passes over.
    mutating func rename(_ keys: [String], at mark: Mark) -> Bool {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            Array($0.unicodeScalars)
        }
        let start = mark.column - 1
        let repeated = Set(keys.map { Array($0.unicodeScalars) })
        var firstLines: [[Unicode.Scalar]: Int] = [:]
        let before = renamed
        for index in Source.linesOfMapping(in: lines, around: mark.line - 1, column: start) {
            let line = lines[index]
            guard line.count > start, line[..<start].allSatisfy({ $0 == " " || $0 == "-" }) else { continue }
            let key = Array(line[start...].prefix { $0 != ":" })
            guard repeated.contains(key) else { continue }
            guard let first = firstLines[key] else {
                firstLines[key] = index
                continue
            }
            notes.error(
                Spot(line: index + 1, column: mark.column), "the key '\(shown(text(key)))' is there twice",
                "the first is on line \(first + 1); keep one")
            lines[index][start] =
                Unicode.Scalar(repeatedKeys.lowerBound + UInt32(renamed % 0xFFF0)) ?? "\u{F0000}"
            renamed += 1
        }
        if renamed == before {
            notes.error(
                Spot(line: mark.line, column: mark.column),
                "the key '\(shown(keys.first ?? ""))' is there twice",
                "keep one")
            return false
        }
        text = lines.map(text).joined(separator: "\n")
        return true
    }

    /// The lines from the first to the last one of a block mapping, given one of them and the column of its keys.
    private static func linesOfMapping(in lines: [[Unicode.Scalar]], around line: Int, column: Int) -> Range<
        Int
    > {
        func isInside(_ line: [Unicode.Scalar]) -> Bool {
            (line.firstIndex { $0 != " " } ?? column) >= column
        }
        var first = line
        while first > 0, isInside(lines[first]), isInside(lines[first - 1]) { first -= 1 }
        // The first key of a list's item stands after a dash, on a line that begins further left.
        if first > 0, isInside(lines[first]), column > 0, lines[first - 1].prefix(column).last == " " {
            first -= 1
        }
        var end = line + 1
        while end < lines.count, isInside(lines[end]) { end += 1 }
        return first..<end
    }

    private func text(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}

/// How a repeated key begins once its repetition is noted: with a character for private use, each its own.
let repeatedKeys: ClosedRange<UInt32> = 0xF0000...0xFFFFD

extension String {
    var isRepeatedKey: Bool { unicodeScalars.first.map { repeatedKeys.contains($0.value) } ?? false }
}
