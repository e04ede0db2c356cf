/// Seals many messages under one key, with memory and salts that are used again.
///
/// Not for two threads at once; each takes its own.
@safe public struct Sealer: ~Copyable, @unchecked Sendable {
    private let key: SecretBytes
    private let purpose: Seal.Purpose
    private var bench = SealBench()
    private var salts = SaltSupply()
    private var blob: [UInt8] = []

    /// Keeps a copy of a key of 32 bytes.
    public init(key: borrowing SecretBytes, purpose: Seal.Purpose) {
        precondition(key.count == 32, "a key has 32 bytes")
        self.key = key.clone()
        self.purpose = purpose
    }

    /// Seals one message and lends its blob until `body` returns.
    ///
    /// Throws `SealError.tooLarge`, and what `body` throws.
    public mutating func seal<R>(
        message: UnsafeRawBufferPointer, aad: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        guard message.count <= Seal.maximumMessage else { throw SealError.tooLarge }
        let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
        let salt = unsafe salts.draw()
        resize(&blob, to: Seal.blobLength(message: message.count))
        unsafe blob.withUnsafeMutableBytes { unsafe bench.seal(message, context, salt: salt, into: $0) }
        return try unsafe blob.withUnsafeBytes(body)
    }
}

/// Opens under one key and seals under another, for the rotation of a master key.
///
/// The message never leaves the secret memory of its bench. Not for two threads at once; each takes its own.
@safe public struct Resealer: ~Copyable, @unchecked Sendable {
    private let old: SecretBytes
    private let new: SecretBytes
    private let purpose: Seal.Purpose
    private var bench = SealBench()
    private var salts = SaltSupply()
    private var blob: [UInt8] = []

    /// Keeps copies of two keys of 32 bytes.
    public init(
        from oldKey: borrowing SecretBytes, to newKey: borrowing SecretBytes, purpose: Seal.Purpose
    ) {
        precondition(oldKey.count == 32 && newKey.count == 32, "a key has 32 bytes")
        old = oldKey.clone()
        new = newKey.clone()
        self.purpose = purpose
    }

    /// Opens one blob, seals its message anew with a fresh salt and lends the new blob until `body` returns.
    ///
    /// Throws `SealError` as `Seal.open` does, and what `body` throws.
    public mutating func reseal<R>(
        _ blob: UnsafeRawBufferPointer, oldAAD: UnsafeRawBufferPointer, newAAD: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        let before = unsafe SealContext(key: old.base, purpose: purpose.derivation, aad: oldAAD)
        let after = unsafe SealContext(key: new.base, purpose: purpose.derivation, aad: newAAD)
        let length = try unsafe bench.open(blob, before)
        let salt = unsafe salts.draw()
        resize(&self.blob, to: blob.count)
        unsafe self.blob.withUnsafeMutableBytes { out in
            unsafe bench.sealPadded(Padding.length(of: length), after, salt: salt, into: out)
        }
        return try unsafe self.blob.withUnsafeBytes(body)
    }
}

/// Makes the array that long without a new allocation for rows of one size.
private func resize(_ array: inout [UInt8], to count: Int) {
    if array.count > count {
        array.removeLast(array.count - count)
    } else if array.count < count {
        array.append(contentsOf: repeatElement(0, count: count - array.count))
    }
}
