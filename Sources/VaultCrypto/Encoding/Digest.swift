internal import CSodium
internal import Crypto

/// Digests of public bytes.
public enum Digest {
    /// SHA-256 of the concatenated parts.
    public static func sha256(_ parts: [UInt8]...) -> [UInt8] {
        var state = SHA256()
        for part in parts { unsafe part.withUnsafeBytes { unsafe state.update(bufferPointer: $0) } }
        return finish(state).bytes
    }

    /// SHA-256 of bytes, without copying them.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> Hash {
        var state = SHA256()
        unsafe state.update(bufferPointer: bytes)
        return finish(state)
    }

    /// SHA-256 of a prefix byte and bytes, without copying them: a leaf of a Merkle tree (RFC 6962, section 2.1).
    public static func sha256(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> Hash {
        var state = SHA256()
        unsafe withUnsafeBytes(of: prefix) { unsafe state.update(bufferPointer: $0) }
        unsafe state.update(bufferPointer: bytes)
        return finish(state)
    }

    /// SHA-256 of a prefix byte and two hashes: a node of a Merkle tree (RFC 6962, section 2.1).
    public static func sha256(prefix: UInt8, left: Hash, right: Hash) -> Hash {
        var state = SHA256()
        unsafe withUnsafeBytes(of: prefix) { unsafe state.update(bufferPointer: $0) }
        unsafe left.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
        unsafe right.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
        return finish(state)
    }

    /// BLAKE2b-256 (RFC 7693), without a key.
    public static func blake2b256(_ bytes: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, filled in
            filled = 32
            let code = unsafe crypto_generichash_blake2b(
                out.baseAddress!, 32, bytes, UInt64(bytes.count), nil, 0)
            precondition(code == 0, "BLAKE2b failed")
        }
    }

    private static func finish(_ state: consuming SHA256) -> Hash {
        var hash = Hash()
        unsafe state.finalize().withUnsafeBytes { digest in
            unsafe withUnsafeMutableBytes(of: &hash.words) { unsafe $0.copyMemory(from: digest) }
        }
        return hash
    }
}
