import VaultMemory

@testable import VaultMasking

/// The masker: a secret never appears in the output, and the output does not depend on how the input is split.
@Sendable func fuzzMask(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let secret = input.bytes(4 + input.number(upTo: 28))
    guard secret.count >= 4 else { return }
    let piece = input.number(upTo: 31) + 1
    // One byte is replaced by the secret, so that the fuzzer doesn't need to guess it.
    let text = input.all().flatMap { $0 == 0xfe ? secret : [$0] }
    let patterns = PatternSet(masking: [SharedSecret(SecretBytes(copying: secret))])
    let whole = masked(text, patterns, by: text.count + 1)
    expect(masked(text, patterns, by: piece) == whole, "the output depends on how the input is split")
    let mask = Array("*****".utf8)
    if !contains(mask + secret + mask, secretsOf: secret, beside: mask) {
        expect(!contains(whole, secret), "the output contains the secret")
    }
    if !contains(text, secret), unsafe text.withUnsafeBytes({ unsafe !patterns.matches(in: $0) }) {
        expect(whole == text, "a text without a secret was changed")
    }
}

/// Whether the mask and the bytes beside it could form the secret again, as `**` in `****` can.
private func contains(_ bytes: [UInt8], secretsOf secret: [UInt8], beside mask: [UInt8]) -> Bool {
    secret.contains(UInt8(ascii: "*"))
}

private func masked(_ text: [UInt8], _ patterns: PatternSet, by count: Int) -> [UInt8] {
    var masker = Masker(patterns, chunkSize: 4096)
    var output: [UInt8] = []
    var place = 0
    while place < text.count {
        let end = min(place + count, text.count)
        place += unsafe masker.take(
            { buffer in
                let taken = min(buffer.count, end - place)
                unsafe buffer.copyBytes(from: text[place..<place + taken])
                return taken
            }, emit: { unsafe output += Array($0) })
    }
    unsafe masker.finish { unsafe output += Array($0) }
    return output
}

func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard !part.isEmpty, text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
}
