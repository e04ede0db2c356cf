// The folder's rule: one construction, one suite, no negotiation (docs/format.md, "The seal"). `SealBench` is the
// only place that seals or opens; `Seal`, `Sealer` and `Resealer` are ways to reach it.

/// Why a blob was not made or not opened.
public enum SealError: Error, Sendable, Equatable {
    /// What anybody can see without a key: this is no blob of the expected kind.
    case format(SealFault)
    /// Wrong key, wrong associated data or altered bytes; which of them, nobody can tell.
    case notAuthentic
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

/// What is wrong with the shape of a blob.
public enum SealFault: Error, Sendable, Equatable {
    case empty
    case version(UInt8)
    case length(Int)
}

/// The symmetric seal: `0x01 ‖ salt ‖ commitment ‖ ciphertext ‖ tag`.
public enum Seal {
    /// What a blob is for; another purpose gives another key.
    public enum Purpose: Sendable, CaseIterable {
        /// `vault/secret`: a connection's or client's secret, under the master key.
        case secret
        /// `vault/identity`: a member's identity seed, under a slot's key.
        case identity
        /// `vault/epoch`: the master key before, under the present one.
        case epoch
        /// `vault/bundle`: a secret on its way to another vault, under a bundle's key.
        case bundle

        var derivation: Derivation {
            switch self {
            case .secret: Self.forSecret
            case .identity: Self.forIdentity
            case .epoch: Self.forEpoch
            case .bundle: Self.forBundle
            }
        }

        private static let forSecret = Derivation("vault/secret")
        private static let forIdentity = Derivation("vault/identity")
        private static let forEpoch = Derivation("vault/epoch")
        private static let forBundle = Derivation("vault/bundle")
    }

    /// The longest message, in bytes.
    public static let maximumMessage = 65_536

    static let version: UInt8 = 0x01
    static let saltLength = 32
    static let headLength = 1 + 32 + 32
    static let tagLength = 16

    /// Seals a message under a key of 32 bytes.
    ///
    /// `aad` is what the blob is bound to; it must be given again to open. Throws `tooLarge`.
    public static func seal(
        _ message: borrowing SecretBytes, key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8]
    ) throws(SealError) -> [UInt8] {
        try seal(message, key: key, purpose: purpose, aad: aad, salt: Randomness.bytes(saltLength))
    }

    /// Seals with a given salt: for values that must come out the same. A salt must never be used twice.
    static func seal(
        _ message: borrowing SecretBytes, key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8],
        salt: [UInt8], cipher: AESGCM = .preferred
    ) throws(SealError) -> [UInt8] {
        precondition(key.count == 32 && salt.count == saltLength, "a key and a salt have 32 bytes")
        guard message.count <= maximumMessage else { throw .tooLarge }
        var bench = SealBench(cipher: cipher, message: message.count)
        var blob = [UInt8](repeating: 0, count: blobLength(message: message.count))
        unsafe message.withUnsafeBytes { message in
            unsafe aad.withUnsafeBytes { aad in
                unsafe salt.withUnsafeBytes { salt in
                    unsafe blob.withUnsafeMutableBytes { blob in
                        let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
                        unsafe bench.seal(message, context, salt: salt.baseAddress!, into: blob)
                    }
                }
            }
        }
        return blob
    }

    /// Opens a blob; throws `format` before any cryptography, then `notAuthentic`.
    public static func open(
        _ blob: [UInt8], key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8]
    ) throws(SealError) -> SecretBytes {
        try open(blob, key: key, purpose: purpose, aad: aad, cipher: .preferred)
    }

    static func open(
        _ blob: [UInt8], key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8], cipher: AESGCM
    ) throws(SealError) -> SecretBytes {
        precondition(key.count == 32, "a key has 32 bytes")
        var bench = SealBench(cipher: cipher, message: blob.count)
        var length = 0
        var failure: SealError?
        unsafe blob.withUnsafeBytes { blob in
            unsafe aad.withUnsafeBytes { aad in
                let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
                do throws(SealError) { length = try unsafe bench.open(blob, context) } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return unsafe SecretBytes(copying: bench.message(length))
    }

    /// Whether the bytes have the shape of a symmetric blob; says nothing about who made them.
    public static func isWellFormed(_ blob: [UInt8]) -> Bool {
        unsafe blob.withUnsafeBytes { unsafe fault(in: $0) } == nil
    }

    static func fault(in blob: UnsafeRawBufferPointer) -> SealFault? {
        unsafe fault(in: blob, version: version, overhead: headLength + tagLength)
    }

    /// The one check of a blob's shape; `overhead` is what stands around the padded message.
    static func fault(in blob: UnsafeRawBufferPointer, version: UInt8, overhead: Int) -> SealFault? {
        guard let first = unsafe blob.first else { return .empty }
        guard first == version else { return .version(first) }
        let padded = blob.count - overhead
        guard padded >= Padding.block, padded.isMultiple(of: Padding.block),
            padded <= Padding.length(of: maximumMessage)
        else { return .length(blob.count) }
        return nil
    }

    /// How long the blob of a message is; a class of 64 lengths shares one.
    static func blobLength(message: Int) -> Int { headLength + Padding.length(of: message) + tagLength }
}
