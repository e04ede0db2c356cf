import Foundation
import VaultCrypto
import VaultText

/// Decodes a hexadecimal literal. Traps when it is malformed.
public func hex(_ text: String) -> [UInt8] { Hex.decode(text)! }

extension [UInt8] {
    /// Whether the bytes of `part` occur in these, in one piece.
    public func contains(_ part: [UInt8]) -> Bool { Data(self).range(of: Data(part)) != nil }

    /// A copy with the lowest bit of one byte flipped.
    public func flipping(byte index: Int) -> [UInt8] {
        var copy = self
        copy[index] ^= 1
        return copy
    }

    /// A copy in which one random byte has another value.
    public func altered(using generator: inout SeededGenerator) -> [UInt8] {
        var copy = self
        copy[Int.random(in: 0..<count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
        return copy
    }

    /// A copy with one to four random mutations: a byte replaced, removed or inserted, a run repeated, or the end cut off.
    public func mutated(using generator: inout SeededGenerator) -> [UInt8] {
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
