// The folder's rule: the ledger is mathematics, so its tests need no file but published values. Random tests draw
// from a seed that they print when they fail.

import Foundation
import Testing
import VaultCrypto

@testable import VaultLedger

/// The bytes of a text of hexadecimal digits; a wrong literal ends the test run.
func hex(_ text: String) -> [UInt8] { Hex.decode(text)! }

func hash(_ text: String) -> Hash { Hash(hex(text))! }

/// SplitMix64: the same numbers for the same seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

extension [UInt8] {
    /// One byte somewhere set to another value.
    func altered(using generator: inout SeededGenerator) -> [UInt8] {
        var copy = self
        copy[Int.random(in: 0..<count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
        return copy
    }

    /// A few bytes altered, taken out, doubled or put in.
    func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var copy = self
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !copy.isEmpty {
            let place = Int.random(in: 0..<copy.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: copy[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: copy.remove(at: place)
            case 2: copy.insert(contentsOf: copy[place..<Swift.min(place + 8, copy.count)], at: place)
            case 3: copy.insert("\"\\{}[]:,0-9u\n\0".utf8.randomElement(using: &generator)!, at: place)
            default: copy.removeLast(copy.count - place)
            }
        }
        return copy
    }
}

extension Hash {
    /// This value with one bit changed.
    var flipped: Hash {
        var bytes = self.bytes
        bytes[7] ^= 0x10
        return Hash(bytes)!
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

    /// One value a line.
    static func lines<T: Decodable>(_ name: String, as type: T.Type) throws -> [T] {
        try data(name).split(separator: 0x0a).map { try JSONDecoder().decode(type, from: $0) }
    }
}

/// What of `construction.json` is the ledger's.
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
        try JSONDecoder().decode(Construction.self, from: Vectors.data("construction.json"))
    }
}
