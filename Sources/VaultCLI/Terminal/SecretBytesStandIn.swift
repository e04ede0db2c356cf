import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Holds the place of VaultCore's `SecretBytes`, with the same API, until both rooms are joined.
@safe struct SecretBytes: ~Copyable {
    private let base: UnsafeMutableRawPointer
    let count: Int

    init<E>(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 16)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
        self.count = count
        try unsafe fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    init(count: Int) {
        unsafe self.init(count: count) { _ in }
    }

    func withUnsafeBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    func clone(_ range: Range<Int>) -> SecretBytes {
        unsafe SecretBytes(count: range.count) { target in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
        }
    }

    deinit {
        unsafe explicit_bzero(base, count)
        unsafe base.deallocate()
    }
}
