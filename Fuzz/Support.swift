import VaultCrypto
import VaultLedger
import VaultMemory

/// The targets by name, which is also the name of the corpus.
let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "address": fuzzAddress, "answer": fuzzAnswer, "blob": fuzzBlob, "bundle": fuzzBundle,
    "checkpoint": fuzzCheckpoint, "connector": fuzzConnector, "entry": fuzzEntry, "frame": fuzzFrame,
    "head": fuzzHead, "mask": fuzzMask, "path": fuzzPath, "proof": fuzzProof, "request": fuzzRequest,
    "slot": fuzzSlot, "token": fuzzToken,
]

/// The target of this process. Set once, before the first input.
nonisolated(unsafe) var chosen: @Sendable ([UInt8]) -> Void = { _ in }

/// Traps if a property does not hold, in every build configuration.
func expect(_ isTrue: Bool, _ property: @autoclosure () -> String) {
    if !isTrue { fatalError("property: \(property())") }
}

/// Splits an input into values. Past its end, numbers are zero.
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

/// Decodes UTF-8, as the programs do when they read a file; `nil` if it is invalid.
func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

/// Keys and IDs that the corpora use, so that a mutated input can be signed again.
enum Known {
    static let key = [UInt8](repeating: 7, count: 32)
    static let vault = [UInt8](repeating: 1, count: 32)
    static let member = [UInt8](repeating: 3, count: 16)
    static func secret() -> SecretBytes { SecretBytes(copying: key) }
    static func identity() -> Identity { Identity(seed: SecretBytes(copying: key)) }
}
