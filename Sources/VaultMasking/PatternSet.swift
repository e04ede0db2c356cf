import Libc
package import VaultMemory

/// Finds many patterns in one pass, without examining most bytes of the text (Wu and Manber, 1994).
///
/// If the shortest pattern has m bytes, the last two bytes of an m-byte window determine how far the window can move without
/// missing a match; patterns are compared only where it cannot move. Immutable, and shared by the streams of a process.
@safe package final class PatternSet: @unchecked Sendable {
    /// The length of the longest pattern in bytes; 0 if there is nothing to mask.
    package let longest: Int

    private let text: WipedMemory
    private let patterns: [Range<Int>]
    private let shortest: Int
    private let tables: PatternTables

    /// Creates the patterns for all encodings of some secrets.
    package init(masking secrets: [SharedSecret]) {
        var buffer = PatternBuffer()
        for secret in secrets {
            unsafe secret.bytes.withUnsafeBytes { unsafe SecretPatterns.append($0, to: &buffer) }
        }
        let (text, all) = buffer.finish()
        self.text = text
        patterns = Self.distinct(all, in: text)
        shortest = patterns.map { $0.count }.min() ?? 0
        longest = patterns.map { $0.count }.max() ?? 0
        tables = PatternTables(patterns, in: text, window: shortest)
    }

    /// Calls `body` with each match, including overlapping ones, in order of their start.
    @inline(__always)
    func forEachMatch(in bytes: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
        guard longest > 0, bytes.count >= shortest, let base = bytes.baseAddress else { return }
        let shifts = unsafe tables.shifts
        let end = bytes.count - 1
        var last = shortest - 1
        while last <= end {
            let pair = unsafe base.loadUnaligned(fromByteOffset: last - 1, as: UInt16.self)
            let shift = unsafe Int(shifts[Int(pair)])
            if shift > 0 {
                last += shift
                continue
            }
            let start = last - shortest + 1
            var candidate = tables.first(endingWith: pair)
            while candidate >= 0 {
                let count = patterns[candidate].count
                if start + count <= bytes.count, unsafe begins(base + start, with: candidate, count: count) {
                    body(start..<start + count)
                }
                candidate = tables.nextEnding(candidate)
            }
            last += 1
        }
    }

    /// Returns whether a complete text has anything to mask.
    package func matches(in bytes: UnsafeRawBufferPointer) -> Bool {
        var found = false
        unsafe forEachMatch(in: bytes) { _ in found = true }
        return found
    }

    /// Returns whether a chunk of a text has no match, and no suffix that may be the start of one.
    package func hasNoMatch(in bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe startOfUnfinished(in: bytes) == bytes.count && !matches(in: bytes)
    }

    /// Returns the start of the longest suffix that may still become a match; the length of the text if there is none.
    func startOfUnfinished(in bytes: UnsafeRawBufferPointer) -> Int {
        guard longest > 0, let base = bytes.baseAddress else { return bytes.count }
        for start in max(0, bytes.count - longest + 1)..<bytes.count {
            var candidate = unsafe tables.first(startingWith: bytes[start])
            while candidate >= 0 {
                let rest = bytes.count - start
                if rest < patterns[candidate].count, unsafe begins(base + start, with: candidate, count: rest)
                {
                    return start
                }
                candidate = tables.nextStarting(candidate)
            }
        }
        return bytes.count
    }

    /// Returns the length of the shortest pattern that starts with a suffix of the text; nil for none.
    func shortestUnfinished(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        return bytes.indices.compactMap { start in
            patterns.indices.filter { candidate in
                let rest = bytes.count - start
                return unsafe rest < patterns[candidate].count
                    && begins(base + start, with: candidate, count: rest)
            }.map { patterns[$0].count }.min()
        }.min()
    }

    private func begins(_ text: UnsafeRawPointer, with pattern: Int, count: Int) -> Bool {
        unsafe memcmp(text, self.text.bytes.baseAddress! + patterns[pattern].lowerBound, count) == 0
    }

    private static func distinct(_ patterns: [Range<Int>], in text: WipedMemory) -> [Range<Int>] {
        // By length, because a secret with many lines has thousands of patterns.
        var known: [Int: [Range<Int>]] = [:]
        return patterns.filter { pattern in
            let isKnown = known[pattern.count, default: []].contains { other in
                unsafe memcmp(
                    text.bytes.baseAddress! + other.lowerBound,
                    text.bytes.baseAddress! + pattern.lowerBound, pattern.count) == 0
            }
            if !isKnown { known[pattern.count, default: []].append(pattern) }
            return !isKnown
        }
    }
}
