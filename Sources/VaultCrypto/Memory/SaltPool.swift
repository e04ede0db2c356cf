internal import CSodium

/// A pool of random salts, drawn in batches because a system call costs more than sealing a row.
///
/// Each salt is used once. A forked child discards the salts of its parent (case 10).
@safe struct SaltPool: ~Copyable {
    private static let batchSize = 128
    private let salts: UnsafeMutableRawBufferPointer
    private var index = SaltPool.batchSize
    private var forks = CryptoPlatform.forks

    init() {
        unsafe salts = .allocate(byteCount: SaltPool.batchSize * Seal.saltLength, alignment: 16)
    }

    deinit { unsafe salts.deallocate() }

    /// Returns the next salt. The pointer is valid until the next call.
    mutating func next() -> UnsafeRawPointer {
        if index == SaltPool.batchSize || forks != CryptoPlatform.forks {
            unsafe randombytes_buf(salts.baseAddress!, salts.count)
            index = 0
            forks = CryptoPlatform.forks
        }
        defer { index += 1 }
        return unsafe UnsafeRawPointer(salts.baseAddress! + index * Seal.saltLength)
    }
}
