internal import CSodium

/// Salts drawn in bulk, since one system call costs more than sealing a row.
///
/// Each salt is handed out once. A child of fork throws away what its parent had drawn (case 10).
@safe struct SaltSupply: ~Copyable {
    private static let perDraw = 128
    private let salts: UnsafeMutableRawBufferPointer
    private var next = SaltSupply.perDraw
    private var forks = CryptoPlatform.forks

    init() {
        unsafe salts = .allocate(byteCount: SaltSupply.perDraw * Seal.saltLength, alignment: 16)
    }

    deinit { unsafe salts.deallocate() }

    /// The next salt; its pointer is good until the next call.
    mutating func draw() -> UnsafeRawPointer {
        if next == SaltSupply.perDraw || forks != CryptoPlatform.forks {
            unsafe randombytes_buf(salts.baseAddress!, salts.count)
            next = 0
            forks = CryptoPlatform.forks
        }
        defer { next += 1 }
        return unsafe UnsafeRawPointer(salts.baseAddress! + next * Seal.saltLength)
    }
}
