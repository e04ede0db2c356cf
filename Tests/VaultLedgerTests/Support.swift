// The ledger is pure computation, so these tests use no files except the published vectors. Random tests draw from a seed
// that they print when they fail.

import TestSupport
import VaultCrypto

@testable import VaultLedger

func hash(_ text: String) -> Hash { Hash(hex(text))! }

extension Hash {
    /// The hash with one bit flipped.
    var flipped: Hash {
        var bytes = self.bytes
        bytes[7] ^= 0x10
        return Hash(bytes)!
    }
}

/// The ledger's part of `construction.json`.
struct Construction: Decodable {
    struct Tree: Decodable {
        let entries: [String]
        let root: String
    }

    struct Head: Decodable {
        let vault: String
        let signer: String
        let seed: String
        let entries: [String]
        let note: String
    }

    let tree: [Tree]
    let checkpoint: Head

    static func read() throws -> Construction {
        try Vectors.decode("construction.json")
    }
}
