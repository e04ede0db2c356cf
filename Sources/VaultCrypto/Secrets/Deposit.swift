/// Why a deposit was not made or not opened.
public enum DepositError: Error, Sendable, Equatable {
    /// What anybody can see without a key: this is no deposit, or the key is no X25519 key.
    case format
    /// A point of low order stands where a public key should (case 24).
    case lowOrderPoint
    /// Wrong key or address, or altered bytes.
    case notAuthentic
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

/// A secret from somebody who opens nothing: `0x02 ‖ enc ‖ ciphertext ‖ tag`, to the epoch's deposit key.
///
/// Padded like a seal, bound to its address by `info = PAE("vault/deposit", address)`. Who made it, the ledger
/// says; the blob does not.
public enum Deposit {
    static let version: UInt8 = 0x02

    /// Seals a message to a deposit key of 32 bytes; throws `tooLarge`, `format`, `lowOrderPoint`.
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

    /// Whether the bytes have the shape of a deposit; says nothing about who made them.
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
