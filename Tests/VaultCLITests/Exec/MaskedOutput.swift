import TestSupport

@testable import VaultCLI
@testable import VaultMasking

/// The output of a masker for these pieces.
func masked(_ pieces: [[UInt8]], secrets: [[UInt8]], pausing: Bool = false, ending: Bool = true) -> [UInt8] {
    var masker = Masker(PatternSet(masking: secrets.map { secret($0) }), chunkSize: 4096)
    var output: [UInt8] = []
    for piece in pieces {
        var rest = piece[...]
        while !rest.isEmpty {
            _ = unsafe masker.take(
                { buffer in
                    let count = min(buffer.count, rest.count)
                    unsafe buffer.copyBytes(from: rest.prefix(count))
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
