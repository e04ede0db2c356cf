// Each file covers one part of the construction and compares bytes. A test that covers a case of docs/threat-model.md
// names its number.

import TestSupport

@testable import VaultCrypto

/// Identifiers and keys with fixed values.
enum Sample {
    static let vault = [UInt8](repeating: 0xa1, count: 32)
    static let member = [UInt8](repeating: 0xb2, count: 16)
    static let key = [UInt8](0..<32)
    static let otherKey = [UInt8](32..<64)

    static let address = SecretAddress(
        vault: vault, owner: [UInt8](repeating: 0xc3, count: 16), field: "app-key", version: 3, epoch: 2,
        settingsDigest: [UInt8](repeating: 0xd4, count: 32))

    /// The addresses that differ from `address` in exactly one component.
    static var otherAddresses: [SecretAddress] {
        let changes: [(inout SecretAddress) -> Void] = [
            { $0.vault = $0.vault.flipping(byte: 0) }, { $0.owner = $0.owner.flipping(byte: 0) },
            { $0.field = "api-key" }, { $0.version = 4 }, { $0.epoch = 3 },
            { $0.settingsDigest = $0.settingsDigest.flipping(byte: 31) },
        ]
        return changes.map { change in
            var other = address
            change(&other)
            return other
        }
    }
}

/// Seals under a fixed key.
func seal(
    _ message: [UInt8], key: [UInt8] = Sample.key, purpose: Seal.Purpose = .secret, aad: [UInt8] = []
) throws -> [UInt8] {
    try Seal.seal(secretBytes(message), key: secretBytes(key), purpose: purpose, aad: aad)
}

/// Opens under a fixed key.
func open(
    _ blob: [UInt8], key: [UInt8] = Sample.key, purpose: Seal.Purpose = .secret, aad: [UInt8] = []
) -> Result<[UInt8], SealError> {
    do throws(SealError) {
        return .success(bytes(try Seal.open(blob, key: secretBytes(key), purpose: purpose, aad: aad)))
    } catch {
        return .failure(error)
    }
}
