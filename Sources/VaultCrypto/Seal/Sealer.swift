/// Seals many messages under one key, and reuses its memory.
///
/// Not thread-safe: use one per thread.
public struct Sealer: ~Copyable, Sendable {
    private let key: SecretBytes
    private var workspace: SealWorkspace

    /// Copies the key.
    ///
    /// - Precondition: `key` has 32 bytes.
    public init(key: borrowing SecretBytes, purpose: Seal.Purpose) {
        precondition(key.count == 32, "a key has 32 bytes")
        self.key = key.clone()
        workspace = SealWorkspace(purpose)
    }

    /// Seals one message with a new salt.
    ///
    /// - Parameters:
    ///   - message: at most `Seal.maximumMessage` bytes.
    ///   - aad: associated data that the blob is bound to.
    /// - Returns: the blob.
    /// - Throws: `SealError.tooLarge`.
    public mutating func seal(
        _ message: UnsafeRawBufferPointer, aad: [UInt8]
    ) throws(SealError) -> [UInt8] {
        try unsafe workspace.seal(message, key: key.base, aad: aad)
    }
}

/// Opens blobs under one key and seals their messages under another, for the rotation of a master key.
///
/// The messages never leave the workspace's secret memory. Not thread-safe: use one per thread.
public struct Resealer: ~Copyable, Sendable {
    private let old: SecretBytes
    private let new: SecretBytes
    private var workspace: SealWorkspace

    /// Copies the keys.
    ///
    /// - Precondition: both keys have 32 bytes.
    public init(
        from oldKey: borrowing SecretBytes, to newKey: borrowing SecretBytes, purpose: Seal.Purpose
    ) {
        precondition(oldKey.count == 32 && newKey.count == 32, "a key has 32 bytes")
        old = oldKey.clone()
        new = newKey.clone()
        workspace = SealWorkspace(purpose)
    }

    /// Opens one blob, and seals its message with a new salt.
    ///
    /// - Parameters:
    ///   - blob: the blob to open.
    ///   - oldAAD: the associated data that it is bound to.
    ///   - newAAD: the associated data that the new blob is bound to.
    /// - Returns: the new blob.
    /// - Throws: `SealError.format` or `notAuthentic`.
    public mutating func reseal(
        _ blob: [UInt8], oldAAD: [UInt8], newAAD: [UInt8]
    ) throws(SealError) -> [UInt8] {
        let length = try unsafe workspace.open(blob, key: old.base, aad: oldAAD)
        return unsafe workspace.sealPadded(Padding.length(of: length), key: new.base, aad: newAAD)
    }
}
