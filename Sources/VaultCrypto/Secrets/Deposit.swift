/// Errors of sealing and opening deposits.
public enum DepositError: Error, Sendable, Equatable {
    /// The blob is not a deposit, or the key is not 32 bytes long. No key is needed to see this.
    case format
    /// The public key is a point of low order (case 24).
    case lowOrderPoint
    /// The key or the address is wrong, or bytes were altered.
    case notAuthentic
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

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
    /// - Throws: `DepositError.tooLarge`; `format` or `lowOrderPoint` for an unusable key.
    public static func seal(
        _ message: borrowing SecretBytes, address: SecretAddress, depositPublic: [UInt8]
    ) throws(DepositError) -> [UInt8] {
        guard message.count <= Seal.maximumMessage else { throw .tooLarge }
        let padded = unsafe SecretBytes(count: Padding.length(of: message.count)) { out in
            unsafe message.withUnsafeBytes { message in
                _ = unsafe Padding.pad(message, into: out.baseAddress!)
            }
        }
        do throws(BoxError) {
            return try [version] + SealedBox.seal(padded, to: depositPublic, info: info(address))
        } catch {
            throw DepositError(error)
        }
    }

    /// Opens a deposit with the master key of its epoch.
    ///
    /// - Throws: `DepositError.format` before any cryptography, `lowOrderPoint` or `notAuthentic`.
    public static func open(
        _ blob: [UInt8], address: SecretAddress, masterKey: borrowing MasterKey
    ) throws(DepositError) -> SecretBytes {
        guard isWellFormed(blob) else { throw .format }
        let padded: SecretBytes
        do throws(BoxError) {
            padded = try SealedBox.open(
                blob.dropFirst(), with: masterKey.depositPrivate, info: info(address))
        } catch {
            throw DepositError(error)
        }
        guard let length = unsafe padded.withUnsafeBytes({ unsafe Padding.messageLength(in: $0) }) else {
            throw .notAuthentic
        }
        return padded.clone(0..<length)
    }

    /// Whether the bytes have the shape of a deposit. Authenticates nothing.
    public static func isWellFormed(_ blob: [UInt8]) -> Bool {
        unsafe blob.withUnsafeBytes {
            unsafe Seal.fault(in: $0, version: version, overhead: 1 + SealedBox.overhead)
        } == nil
    }

    static func info(_ address: SecretAddress) -> [UInt8] {
        PAE.encode(.text("vault/deposit"), .bytes(address.aad))
    }
}

extension DepositError {
    init(_ error: BoxError) {
        switch error {
        case .format: self = .format
        case .lowOrderPoint: self = .lowOrderPoint
        case .notAuthentic: self = .notAuthentic
        }
    }
}
