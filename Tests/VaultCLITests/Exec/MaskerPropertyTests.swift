import Foundation
import TestSupport
import Testing

@testable import VaultCLI
@testable import VaultMasking

/// Random secrets, texts and chunks, compared with a reference implementation.
@Suite struct MaskerPropertyTests {
    /// The reference implementation: marks matches byte by byte and replaces runs.
    private func expected(_ text: [UInt8], patterns: [[UInt8]]) -> [UInt8] {
        var covered = [Bool](repeating: false, count: text.count)
        for pattern in patterns where !pattern.isEmpty && pattern.count <= text.count {
            for start in 0...text.count - pattern.count where text[start...].starts(with: pattern) {
                for index in start..<start + pattern.count { covered[index] = true }
            }
        }
        var output: [UInt8] = []
        for (index, byte) in text.enumerated() {
            if !covered[index] {
                output.append(byte)
            } else if index == 0 || !covered[index - 1] {
                output += Array("*****".utf8)
            }
        }
        return output
    }

    private func forms(_ secret: [UInt8]) -> [[UInt8]] {
        var buffer = PatternBuffer()
        unsafe secret.withUnsafeBytes { unsafe SecretPatterns.append($0, to: &buffer) }
        let (memory, patterns) = buffer.finish()
        return patterns.map { unsafe Array(memory.bytes[$0]) }
    }

    private func pieces(_ text: [UInt8], using generator: inout SeededGenerator) -> [[UInt8]] {
        var (pieces, rest): ([[UInt8]], ArraySlice<UInt8>) = ([], text[...])
        while !rest.isEmpty {
            let count = Int.random(
                in: 1...[1, 3, 20, 5000].randomElement(using: &generator)!, using: &generator)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    // case 84
    @Test(arguments: 0..<200) func `matches a reference implementation for any chunks`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        // A small alphabet gives repeated, overlapping and partial matches; a large one gives realistic ones.
        let alphabet = Array(
            [Array("ab".utf8), Array("aB3/+ =%\n".utf8), Array(0...255)].randomElement(using: &generator)!)
        let secrets = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            (0..<Int.random(in: 4...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
            }
        }
        let all = secrets.map(forms)
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text += all.randomElement(using: &generator)!.randomElement(using: &generator)!
            case 1:
                let form = all.randomElement(using: &generator)!.randomElement(using: &generator)!
                text += form.prefix(Int.random(in: 0...form.count, using: &generator))
            default:
                text += (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator)!
                }
            }
        }
        let output = masked(pieces(text, using: &generator), secrets: secrets)
        #expect(output == expected(text, patterns: all.flatMap { $0 }), "seed \(seed)")
        for form in all.flatMap({ $0 }) { #expect(!Data(output).contains(form), "seed \(seed)") }
    }
}
