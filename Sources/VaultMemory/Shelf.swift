internal import CSodium
import Synchronization

/// Secret memory between two secrets: wiped, closed to every access, and kept for the next one of its size.
///
/// Guarded and locked memory is dear: eleven system calls to have a piece and to give it back, and one command holds a dozen
/// secrets one after the other. So there are two sizes of piece, one for keys and one for the bench on which a
/// message is sealed; what is larger goes to the system and back each time. A secret stands at the end of its piece, so that
/// what is written behind it meets the guard page at once.
enum Shelf {
    /// How large the pieces are, in bytes.
    static let sizes = [128, 1024]

    /// How many of each size are kept at most.
    static let places = 8

    /// What lies here, by size; a piece has one holder at a time.
    private static let kept = unsafe Mutex([[Piece]](repeating: [], count: sizes.count))
    @unsafe private struct Piece: @unchecked Sendable { let start: UnsafeMutableRawPointer }

    /// Memory for a secret of so many bytes, with nothing certain in it; nil when the system has none.
    static func take(_ count: Int) -> UnsafeMutableRawPointer? {
        guard let kind = kind(count) else { return unsafe sodium_malloc(count) }
        let start: UnsafeMutableRawPointer?
        if let piece = unsafe kept.withLock({ unsafe $0[kind].popLast() }) {
            unsafe start = piece.start
            guard unsafe sodium_mprotect_readwrite(piece.start) == 0 else { return nil }
        } else {
            unsafe start = sodium_malloc(sizes[kind])
        }
        return unsafe start.map { unsafe $0 + (sizes[kind] - count) }
    }

    /// Wipes the memory of a secret; it is of `take`, with the same count.
    static func give(_ secret: UnsafeMutableRawPointer, _ count: Int) {
        guard let kind = kind(count) else { return unsafe sodium_free(secret) }
        let piece = unsafe Piece(start: secret - (sizes[kind] - count))
        unsafe sodium_memzero(piece.start, sizes[kind])
        unsafe sodium_mprotect_noaccess(piece.start)
        let isKept = unsafe kept.withLock { kept in
            guard unsafe kept[kind].count < places else { return false }
            unsafe kept[kind].append(piece)
            return true
        }
        if !isKept { unsafe sodium_free(piece.start) }
    }

    private static func kind(_ count: Int) -> Int? { sizes.firstIndex { count <= $0 } }
}
