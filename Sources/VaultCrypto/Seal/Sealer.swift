/// Seals many messages under one key, and reuses its memory.
///
/// Not thread-safe: use one per thread.
@safe public struct Sealer: ~Copyable, @unchecked Sendable {
    private let key: SecretBytes
    private let purpose: Seal.Purpose
    private var workspace = SealWorkspace()
    private var salts = SaltPool()
    private var blob: [UInt8] = []

    /// Copies the key.
    ///
    /// - Precondition: `key` has 32 bytes.
    public init(key: borrowing SecretBytes, purpose: Seal.Purpose) {
        precondition(key.count == 32, "a key has 32 bytes")
        self.key = key.clone()
        self.purpose = purpose
    }

    /// Seals one message and calls `body` with the blob, which is valid until `body` returns.
    ///
    /// - Throws: `SealError.tooLarge` above `Seal.maximumMessage` bytes; what `body` throws.
    public mutating func seal<R>(
        message: UnsafeRawBufferPointer, aad: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        guard message.count <= Seal.maximumMessage else { throw SealError.tooLarge }
        let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
        let salt = unsafe salts.next()
        resize(&blob, to: Seal.blobLength(message: message.count))
        unsafe blob.withUnsafeMutableBytes { unsafe workspace.seal(message, context, salt: salt, into: $0) }
        return try unsafe blob.withUnsafeBytes(body)
    }
}

/// Opens blobs under one key and seals their messages under another, for the rotation of a master key.
///
/// The messages never leave the workspace's secret memory. Not thread-safe: use one per thread.
@safe public struct Resealer: ~Copyable, @unchecked Sendable {
    private let old: SecretBytes
    private let new: SecretBytes
    private let purpose: Seal.Purpose
    private var workspace = SealWorkspace()
    private var salts = SaltPool()
    private var blob: [UInt8] = []

    /// Copies the keys.
    ///
    /// - Precondition: both keys have 32 bytes.
    public init(
        from oldKey: borrowing SecretBytes, to newKey: borrowing SecretBytes, purpose: Seal.Purpose
    ) {
        precondition(oldKey.count == 32 && newKey.count == 32, "a key has 32 bytes")
        old = oldKey.clone()
        new = newKey.clone()
        self.purpose = purpose
    }

    /// Opens one blob, seals its message with a new salt, and calls `body` with the new blob, which is valid until
    /// `body` returns.
    ///
    /// - Throws: `SealError.format` or `notAuthentic`; what `body` throws.
    public mutating func reseal<R>(
        _ blob: UnsafeRawBufferPointer, oldAAD: UnsafeRawBufferPointer, newAAD: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        let before = unsafe SealContext(key: old.base, purpose: purpose.derivation, aad: oldAAD)
        let after = unsafe SealContext(key: new.base, purpose: purpose.derivation, aad: newAAD)
        let length = try unsafe workspace.open(blob, before)
        let salt = unsafe salts.next()
        resize(&self.blob, to: blob.count)
        unsafe self.blob.withUnsafeMutableBytes { out in
            unsafe workspace.sealPadded(Padding.length(of: length), after, salt: salt, into: out)
        }
        return try unsafe self.blob.withUnsafeBytes(body)
    }
}

/// Resizes an array in place, without an allocation for messages of similar length.
private func resize(_ array: inout [UInt8], to count: Int) {
    if array.count > count {
        array.removeLast(array.count - count)
    } else if array.count < count {
        array.append(contentsOf: repeatElement(0, count: count - array.count))
    }
}
