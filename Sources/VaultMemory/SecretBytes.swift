// The room VaultMemory: memory that holds a secret has one owner, is lent by closure, and is wiped by that owner.
// It can hold and compare, and nothing else: whoever may only carry a secret imports this and no cryptography. The
// process around that memory is made safe here too, before it holds any (`ProcessHardening`).

internal import CPlatform
internal import CSodium

/// A fixed number of secret bytes in guarded memory, with one owner.
///
/// The memory comes from `sodium_malloc`: between guard pages, locked where the system allows it, left out of
/// core dumps. It is wiped with its owner, and may be the next secret's then (`Shelf`). It cannot be copied by
/// accident; `clone` says so where it is meant. Running out of memory ends the process.
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
    package let base: UnsafeMutableRawPointer

    /// How many bytes there are; not itself a secret.
    public let count: Int

    /// Makes `count` bytes of zero.
    public init(count: Int) {
        unsafe base = Self.allocate(count)
        self.count = count
        unsafe sodium_memzero(base, count)
    }

    /// Copies bytes that somebody else owns, and wipes.
    public init(copying bytes: UnsafeRawBufferPointer) {
        unsafe base = Self.allocate(bytes.count)
        count = bytes.count
        if let source = bytes.baseAddress { unsafe base.copyMemory(from: source, byteCount: count) }
    }

    /// Copies an array: for values that may be seen, where they meet secret ones.
    package init(copying bytes: [UInt8]) {
        unsafe self.init(count: bytes.count) { memory in unsafe memory.copyBytes(from: bytes) }
    }

    /// Makes `count` zero bytes and lets `fill` write them; nothing stays if it throws.
    public init<E>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        let memory = unsafe Self.allocate(count)
        unsafe sodium_memzero(memory, count)
        do throws(E) {
            try unsafe fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
        } catch {
            unsafe Shelf.give(memory, count)
            throw error
        }
        unsafe base = memory
        self.count = count
    }

    deinit { unsafe Shelf.give(base, count) }

    /// Draws `count` bytes from the system's generator.
    public static func random(_ count: Int) -> SecretBytes {
        unsafe SecretBytes(count: count) { bytes in unsafe randombytes_buf(bytes.baseAddress!, bytes.count) }
    }

    /// Lends the bytes to be read; the pointer must not leave the closure.
    public borrowing func withUnsafeBytes<R: ~Copyable, E>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Lends the bytes to be written; the pointer must not leave the closure.
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// A second owner of the same bytes.
    public borrowing func clone() -> SecretBytes { clone(0..<count) }

    /// A second owner of some of the bytes; a range outside of them is a programming error.
    public borrowing func clone(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the secret")
        return unsafe SecretBytes(
            copying: UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Whether both hold the same bytes, in a time that depends on the lengths only.
    public static func equal(_ a: borrowing SecretBytes, _ b: borrowing SecretBytes) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe sodium_memcmp(a.base, b.base, a.count) == 0
    }

    /// Whether bytes that somebody else owns are the same, in a time that depends on the lengths only.
    public borrowing func equals(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == count, let other = bytes.baseAddress else { return bytes.count == count }
        return unsafe sodium_memcmp(base, other, count) == 0
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        SecretMemory.start()
        precondition(count >= 0, "a secret has no negative length")
        guard let memory = unsafe Shelf.take(count) else {
            unsafe platform_fail(
                "not enough memory for a secret",
                "close other programs, or raise the limits of this process: ulimit -v unlimited; ulimit -d unlimited"
            )
        }
        return unsafe memory
    }
}
