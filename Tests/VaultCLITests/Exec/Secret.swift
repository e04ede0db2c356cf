@testable import VaultCLI
@testable import VaultMasking

/// Bytes of a test, lent as a secret's.
final class Secret: LentBytes {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try unsafe bytes.withUnsafeBytes(body)
    }
}

/// What comes out of a masker that is fed these pieces, with a pause after each if asked for.
func masked(_ pieces: [[UInt8]], secrets: [[UInt8]], pausing: Bool = false, ending: Bool = true) -> [UInt8] {
    var masker = Masker(PatternSet(masking: secrets.map { Secret($0) }), room: 4096)
    var output: [UInt8] = []
    for piece in pieces {
        var rest = piece[...]
        while !rest.isEmpty {
            _ = unsafe masker.take(
                { room in
                    let count = min(room.count, rest.count)
                    unsafe room.copyBytes(from: rest.prefix(count))
                    rest = rest.dropFirst(count)
                    return count
                }, emit: { unsafe output += Array($0) })
        }
        if pausing { unsafe masker.release { unsafe output += Array($0) } }
    }
    if ending { unsafe masker.finish { unsafe output += Array($0) } }
    return output
}

func masked(_ pieces: String..., secrets: [String], pausing: Bool = false, ending: Bool = true) -> String {
    let output = masked(
        pieces.map { Array($0.utf8) }, secrets: secrets.map { Array($0.utf8) }, pausing: pausing,
        ending: ending)
    return String(decoding: output, as: UTF8.self)
}
