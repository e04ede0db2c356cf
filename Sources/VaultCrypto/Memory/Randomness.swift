internal import CSodium

/// Random bytes that may be seen: ids and salts.
///
/// They come from the system's generator at each call, so two processes after a fork share none (case 10). A
/// generator that fails ends the process before anything is written (case 9).
public enum Randomness {
    /// Draws `count` bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        CryptoPlatform.start()
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { unsafe randombytes_buf(start, count) }
            filled = count
        }
    }
}
