/// The number of each member's newest entry, nil for who has done nothing since they came. A member of whom it is not
/// known is not in it: older programs remembered nothing of it.
///
/// In the order of the identifiers, and no dictionary of them: the first one of a kind of key costs a command of some
/// milliseconds a hundredth of its time.
public struct NewestEntries: Sendable, Equatable {
    private struct Newest: Sendable, Equatable {
        let author: Identifier
        var seq: UInt64?
    }

    private var all: [Newest] = []

    /// Of how many members it is known.
    public var count: Int { all.count }

    public internal(set) subscript(author: Identifier) -> UInt64?? {
        get {
            let place = place(of: author)
            return holds(author, at: place) ? .some(all[place].seq) : nil
        }
        set {
            let place = place(of: author)
            switch (newValue, holds(author, at: place)) {
            case (.some(let seq), true): all[place].seq = seq
            case (.some(let seq), false): all.insert(Newest(author: author, seq: seq), at: place)
            case (nil, true): all.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// Takes over what is known of those of whom this knows nothing.
    mutating func fill(from other: NewestEntries) {
        for newest in other.all where self[newest.author] == nil { self[newest.author] = .some(newest.seq) }
    }

    /// Where this member stands, or would stand.
    private func place(of author: Identifier) -> Int {
        var range = all.startIndex..<all.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                all[middle].author.bytes.lexicographicallyPrecedes(author.bytes)
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private func holds(_ author: Identifier, at place: Int) -> Bool {
        place < all.endIndex && all[place].author == author
    }
}
