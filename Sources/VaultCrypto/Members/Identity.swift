// The folder's rule: a member is one identity seed; a slot is one way to reach it (docs/format.md, "Members").

internal import CSodium

/// A member's unlocked identity: what signs, and what receives.
///
/// Both keys derive from one seed of 32 bytes: Ed25519 by `vault/sign`, X25519 by `vault/receive`.
public struct Identity: ~Copyable, Sendable {
    private let seed: SecretBytes
    /// libsodium's form of the signing key: the Ed25519 seed, then the public key.
    private let signing: SecretBytes
    /// The X25519 private key, for grants.
    let receiving: SecretBytes

    /// The Ed25519 public key, 32 bytes.
    public let signPublic: [UInt8]
    /// The X25519 public key, 32 bytes.
    public let receivePublic: [UInt8]

    /// Takes a seed of 32 bytes over.
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

    /// Makes a new identity from random bytes.
    public static func generate() -> Identity { Identity(seed: SecretBytes.random(32)) }

    /// The Ed25519 signature (RFC 8032) of a message, 64 bytes.
    public borrowing func sign(_ message: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 64) { signature, filled in
            filled = 64
            unsafe crypto_sign_detached(
                signature.baseAddress!, nil, message, UInt64(message.count), signing.base)
        }
    }

    /// Whether a grant can be sealed to this key: 32 bytes, and no point of low order (case 24).
    public static func canReceive(at key: [UInt8]) -> Bool { X25519.isUsable(key) }

    /// Lends the seed, so that a slot can seal it.
    public borrowing func withSeed<R: ~Copyable, E>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try body(seed)
    }
}

/// Ed25519 for those who only verify.
public enum Ed25519 {
    /// Whether the signature (64 bytes) of the message was made by that key (32 bytes); false for other sizes.
    public static func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        CryptoPlatform.start()
        return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }
}

enum X25519 {
    /// The public half of a private key of 32 bytes.
    static func publicKey(of secret: borrowing SecretBytes) -> [UInt8] {
        precondition(secret.count == 32, "an X25519 key has 32 bytes")
        return unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, filled in
            filled = 32
            unsafe crypto_scalarmult_base(out.baseAddress!, secret.base)
        }
    }

    /// Whether a point can be agreed with: one of low order makes the same result with every key (case 24).
    static func isUsable(_ point: [UInt8]) -> Bool {
        guard point.count == 32 else { return false }
        CryptoPlatform.start()
        let scalar = [UInt8](repeating: 1, count: 32)
        var product = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult(&product, scalar, point) == 0
    }
}
