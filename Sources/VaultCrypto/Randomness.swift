internal import CSodium

/// Public random bytes, for IDs and salts.
///
/// Each call uses the system's generator, so that a parent and a forked child never share bytes (case 10). A failing
/// generator ends the process before anything is written (case 9).
public enum Randomness {
    /// Returns `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        SecretMemory.start()
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { unsafe randombytes_buf(start, count) }
            filled = count
        }
    }
}
