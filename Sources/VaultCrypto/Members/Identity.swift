internal import CSodium

/// A member's unlocked identity: a signing key and a receiving key.
///
/// Both derive from one seed of 32 bytes: Ed25519 by `vault/sign`, X25519 by `vault/receive` (docs/format.md,
/// section 4).
public struct Identity: ~Copyable, Sendable {
    private let seed: SecretBytes
    /// The signing key in libsodium's form: the Ed25519 seed, then the public key.
    private let signing: SecretBytes
    /// The X25519 private key, for grants.
    let receiving: SecretBytes

    /// The Ed25519 public key, 32 bytes.
    public let signPublic: [UInt8]
    /// The X25519 public key, 32 bytes.
    public let receivePublic: [UInt8]

    /// Takes ownership of a seed.
    ///
    /// - Precondition: `seed` has 32 bytes.
    public init(seed: consuming SecretBytes) {
        precondition(seed.count == 32, "an identity seed has 32 bytes")
        let signSeed = Derivation.sign.secret(from: seed)
        var verifying = [UInt8](repeating: 0, count: 32)
        signing = unsafe SecretBytes(count: 64) { secret in
            _ = unsafe crypto_sign_seed_keypair(
                &verifying, secret.baseAddress!.assumingMemoryBound(to: UInt8.self), signSeed.base)
        }
        signPublic = verifying
        receiving = Derivation.receive.secret(from: seed)
        receivePublic = X25519.publicKey(of: receiving)
        self.seed = seed
    }

    /// Generates an identity.
    public static func generate() -> Identity { Identity(seed: SecretBytes.random(32)) }

    /// Signs a message by Ed25519 (RFC 8032, section 5.1). The signature has 64 bytes.
    public borrowing func sign(_ message: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 64) { signature, filled in
            filled = 64
            unsafe crypto_sign_detached(
                signature.baseAddress!, nil, message, UInt64(message.count), signing.base)
        }
    }

    /// Whether a grant can be sealed to `key`: it has 32 bytes and is not a point of low order (case 24).
    public static func canReceive(at key: [UInt8]) -> Bool { X25519.isUsable(key) }

    /// Calls `body` with the seed, so that a slot can seal it.
    ///
    /// - Throws: what `body` throws.
    public borrowing func withSeed<R: ~Copyable, E>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try body(seed)
    }
}

/// Verification of Ed25519 signatures (RFC 8032, section 5.1).
public enum Ed25519 {
    /// Whether `publicKey` (32 bytes) signed the message with this signature (64 bytes). False for other lengths.
    public static func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        SecretMemory.start()
        return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }
}

/// X25519 key agreement (RFC 7748, section 5).
enum X25519 {
    /// The public key of a private key of 32 bytes.
    static func publicKey(of secret: borrowing SecretBytes) -> [UInt8] {
        precondition(secret.count == 32, "an X25519 key has 32 bytes")
        return unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, filled in
            filled = 32
            unsafe crypto_scalarmult_base(out.baseAddress!, secret.base)
        }
    }

    /// Whether a point is usable: one of low order gives the same shared point with every key (case 24).
    static func isUsable(_ point: [UInt8]) -> Bool {
        guard point.count == 32 else { return false }
        SecretMemory.start()
        let scalar = [UInt8](repeating: 1, count: 32)
        var product = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult(&product, scalar, point) == 0
    }
}
