import VaultCrypto
import VaultLedger
import VaultMemory

/// Each target by its name, which is also the name of its corpus.
let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "address": fuzzAddress, "answer": fuzzAnswer, "blob": fuzzBlob, "bundle": fuzzBundle,
    "checkpoint": fuzzCheckpoint, "connector": fuzzConnector, "entry": fuzzEntry, "frame": fuzzFrame,
    "head": fuzzHead, "mask": fuzzMask, "path": fuzzPath, "proof": fuzzProof, "request": fuzzRequest,
    "slot": fuzzSlot, "token": fuzzToken,
]

/// The target of this process, written once before the first input.
nonisolated(unsafe) var chosen: @Sendable ([UInt8]) -> Void = { _ in }

/// Traps when a property does not hold, in every configuration.
func expect(_ isTrue: Bool, _ property: @autoclosure () -> String) {
    if !isTrue { fatalError("property: \(property())") }
}

/// Takes an input apart; when it is used up, the rest is zeros.
struct Input {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number(upTo limit: Int) -> Int { (Int(byte()) << 8 | Int(byte())) % (limit + 1) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func bytes(padded count: Int) -> [UInt8] {
        let bytes = bytes(count)
        return bytes + [UInt8](repeating: 0, count: count - bytes.count)
    }

    mutating func all() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}

/// A text as the programs read one from a file; nil for bytes that are not UTF-8.
func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

/// Keys that stand in the corpora, so that what the fuzzer changes can be signed again.
enum Known {
    static let key = [UInt8](repeating: 7, count: 32)
    static let vault = [UInt8](repeating: 1, count: 32)
    static let member = [UInt8](repeating: 3, count: 16)
    static func secret() -> SecretBytes { SecretBytes(copying: key) }
    static func identity() -> Identity { Identity(seed: SecretBytes(copying: key)) }
}
