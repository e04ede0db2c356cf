/// A secret that is sealed without a right to read, to an epoch's deposit key: `0x02 ‖ enc ‖ ciphertext ‖ tag`.
///
/// It is padded like a seal, and bound to its address by `info = PAE("vault/deposit", address)`. The ledger, not the
/// blob, authenticates its author (docs/format.md, section 6).
public enum Deposit {
    static let version: UInt8 = 0x02

    /// Seals a message.
    ///
    /// - Parameters:
    ///   - message: at most `Seal.maximumMessage` bytes.
    ///   - address: what the deposit is bound to.
    ///   - depositPublic: the epoch's deposit key, 32 bytes.
    /// - Throws: `BoxError.tooLarge`; `format` or `lowOrderPoint` for an unusable key.
    public static func seal(
        _ message: borrowing SecretBytes, address: SecretAddress, depositPublic: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        guard message.count <= Seal.maximumMessage else { throw .tooLarge }
        let padded = unsafe SecretBytes(count: Padding.length(of: message.count)) { out in
            unsafe message.withUnsafeBytes { message in
                _ = unsafe Padding.pad(message, into: out.baseAddress!)
            }
        }
        return try [version] + SealedBox.seal(padded, to: depositPublic, info: info(address))
    }

    /// Opens a deposit with the master key of its epoch.
    ///
    /// - Throws: `BoxError.format` before any cryptography, `lowOrderPoint` or `notAuthentic`.
    public static func open(
        _ blob: [UInt8], address: SecretAddress, masterKey: borrowing MasterKey
    ) throws(BoxError) -> SecretBytes {
        guard isWellFormed(blob) else { throw .format }
        let padded = try SealedBox.open(
            blob.dropFirst(), with: masterKey.depositPrivate, info: info(address))
        guard let length = unsafe padded.withUnsafeBytes({ unsafe Padding.messageLength(in: $0) }) else {
            throw .notAuthentic
        }
        return padded.clone(0..<length)
    }

    /// Whether the bytes have the shape of a deposit. Authenticates nothing.
    public static func isWellFormed(_ blob: [UInt8]) -> Bool {
        Seal.isWellFormed(blob, version: version, overhead: 1 + SealedBox.overhead)
    }

    static func info(_ address: SecretAddress) -> [UInt8] {
        PAE.encode(.text("vault/deposit"), .bytes(address.aad))
    }
}
