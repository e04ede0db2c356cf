// The folder's rule: what is compared is bytes; each file takes one part of the construction, and a test that
// covers an adversarial case names its number.

import Foundation
import Testing

@testable import VaultCrypto

/// The bytes of a text of hexadecimal digits; a wrong literal ends the test run.
func hex(_ text: String) -> [UInt8] { Hex.decode(text)! }

func secret(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes) }

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

func bytes(_ secret: borrowing SecretBytes) -> [UInt8] {
    unsafe secret.withUnsafeBytes { unsafe [UInt8]($0) }
}

extension [UInt8] {
    func flipping(byte index: Int) -> [UInt8] {
        var copy = self
        copy[index] ^= 1
        return copy
    }
}

/// A vault and ids for tests that need some.
enum Sample {
    static let vault = [UInt8](repeating: 0xa1, count: 32)
    static let member = [UInt8](repeating: 0xb2, count: 16)
    static let key = [UInt8](0..<32)
    static let otherKey = [UInt8](32..<64)

    static let address = SecretAddress(
        vault: vault, owner: [UInt8](repeating: 0xc3, count: 16), field: "app-key", version: 3, epoch: 2,
        settingsDigest: [UInt8](repeating: 0xd4, count: 32))

    /// Every address that differs from `address` in one part.
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

/// Values that other implementations made, read from beside the project where they are.
enum Vectors {
    static let folder: URL =
        if let shared = ProcessInfo.processInfo.environment["VAULT_SHARED"] {
            URL(fileURLWithPath: shared).appendingPathComponent("vectors")
        } else {
            URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared/vectors").standardized
        }

    static func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    static func data(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }
}

/// Seals under a key that is public here.
func seal(
    _ message: [UInt8], key: [UInt8] = Sample.key, purpose: Seal.Purpose = .secret, aad: [UInt8] = []
) throws -> [UInt8] {
    try Seal.seal(secret(message), key: secret(key), purpose: purpose, aad: aad)
}

/// Opens under a key that is public here.
func open(
    _ blob: [UInt8], key: [UInt8] = Sample.key, purpose: Seal.Purpose = .secret, aad: [UInt8] = []
) -> Result<[UInt8], SealError> {
    do throws(SealError) {
        return .success(bytes(try Seal.open(blob, key: secret(key), purpose: purpose, aad: aad)))
    } catch {
        return .failure(error)
    }
}
