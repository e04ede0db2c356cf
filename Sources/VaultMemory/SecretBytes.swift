// VaultMemory holds and compares secrets, without cryptography: modules that only carry secrets need nothing more. It
// also hardens the process before it holds any secret (`ProcessHardening`).

internal import CPlatform
internal import CSodium

/// A fixed number of secret bytes in guarded memory, with one owner.
///
/// The memory comes from `sodium_malloc`: it lies between guard pages, is locked where the system allows it, and is
/// left out of core dumps. `sodium_free` wipes it and returns it to the system when the owner is destroyed; it is not
/// reused (decision 0038). Copies are explicit: see `clone`. Running out of memory ends the process.
///
/// The bytes end at a page boundary, so their start is aligned to 16 bytes only if `count` is a multiple of 16.
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// The first byte. Valid as long as the owner.
    package let base: UnsafeMutableRawPointer

    /// The number of bytes, which is not secret.
    public let count: Int

    /// Allocates `count` zero bytes.
    public init(count: Int) {
        unsafe self.init(count: count) { _ in }
    }

    /// Copies bytes; the caller wipes the original.
    public init(copying bytes: UnsafeRawBufferPointer) {
        unsafe base = Self.allocate(bytes.count)
        count = bytes.count
        if let source = bytes.baseAddress { unsafe base.copyMemory(from: source, byteCount: count) }
    }

    /// Copies an array, for public values that are used in place of a secret.
    package init(copying bytes: [UInt8]) {
        unsafe self.init(count: bytes.count) { memory in unsafe memory.copyBytes(from: bytes) }
    }

    /// Allocates `count` zero bytes and lets `fill` write them.
    ///
    /// - Throws: what `fill` throws; the memory is wiped and freed first.
    public init<E>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        let memory = unsafe Self.allocate(count)
        unsafe sodium_memzero(memory, count)
        do throws(E) {
            try unsafe fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
        } catch {
            unsafe sodium_free(memory)
            throw error
        }
        unsafe base = memory
        self.count = count
    }

    deinit { unsafe sodium_free(base) }

    /// Draws `count` bytes from the system's random number generator.
    public static func random(_ count: Int) -> SecretBytes {
        unsafe SecretBytes(count: count) { bytes in unsafe randombytes_buf(bytes.baseAddress!, bytes.count) }
    }

    /// Calls `body` with the bytes for reading. The pointer must not escape the closure.
    ///
    /// - Throws: what `body` throws.
    public borrowing func withUnsafeBytes<R: ~Copyable, E>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Calls `body` with the bytes for writing. The pointer must not escape the closure.
    ///
    /// - Throws: what `body` throws.
    public mutating func withUnsafeMutableBytes<R: ~Copyable, E>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Copies the bytes into new guarded memory.
    public borrowing func clone() -> SecretBytes { clone(0..<count) }

    /// Copies a range of the bytes into new guarded memory.
    ///
    /// - Precondition: `range` lies within `0..<count`.
    public borrowing func clone(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the secret")
        return unsafe SecretBytes(
            copying: UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Whether both hold the same bytes. The time depends only on the lengths.
    public static func equal(_ a: borrowing SecretBytes, _ b: borrowing SecretBytes) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe sodium_memcmp(a.base, b.base, a.count) == 0
    }

    /// Whether `bytes` are the same as these. The time depends only on the lengths.
    public borrowing func equals(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == count, let other = bytes.baseAddress else { return bytes.count == count }
        return unsafe sodium_memcmp(base, other, count) == 0
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        SecretMemory.start()
        precondition(count >= 0, "negative length")
        guard let memory = unsafe sodium_malloc(count) else {
            unsafe platform_fail(
                "not enough memory for a secret",
                "close other programs, or raise the limits of this process: ulimit -v unlimited; ulimit -d unlimited"
            )
        }
        return unsafe memory
    }
}
