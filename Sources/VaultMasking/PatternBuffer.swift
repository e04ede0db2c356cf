import VaultText

/// Collects patterns in one wiped block, which grows.
///
/// A pattern is as secret as the secret itself, so it never exists outside this block.
@safe struct PatternBuffer: ~Copyable {
    private var memory = WipedMemory(count: 32_768)
    private var end = 0
    private var start = 0
    private(set) var patterns: [Range<Int>] = []

    mutating func append(_ byte: UInt8) {
        if unsafe end == memory.bytes.count {
            let larger = WipedMemory(count: 2 * end)
            unsafe larger.bytes.copyMemory(from: UnsafeRawBufferPointer(memory.bytes))
            memory = larger
        }
        unsafe memory.bytes[end] = byte
        end += 1
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            for index in bytes.indices { unsafe append(bytes[index]) }
        }
    }

    mutating func appendHex(_ byte: UInt8, upper: Bool) {
        append(Hex.digit(byte >> 4, uppercase: upper))
        append(Hex.digit(byte & 15, uppercase: upper))
    }

    /// Appends a pattern: what `encode` appends for each byte of a secret.
    mutating func appendPattern(
        bytes secret: UnsafeRawBufferPointer, _ encode: (UInt8, inout PatternBuffer) -> Void
    ) {
        for index in secret.indices {
            unsafe encode(secret[index], &self)
        }
        endPattern()
    }

    /// Appends a pattern: what `encode` appends for each UTF-8 character of a secret. If it returns false, and for bytes
    /// that are not UTF-8, the bytes themselves.
    mutating func appendPattern(
        characters secret: UnsafeRawBufferPointer, _ encode: (UInt32, inout PatternBuffer) -> Bool
    ) {
        var index = 0
        while index < secret.count {
            let (scalar, length) = unsafe decodeUTF8(secret, at: index)
            let isEncoded = if let scalar { encode(scalar, &self) } else { false }
            if !isEncoded {
                for place in index..<index + length { unsafe append(secret[place]) }
            }
            index += length
        }
        endPattern()
    }

    /// Ends a pattern, and drops it if it is too short.
    mutating func endPattern() {
        if end - start < SecretPatterns.minimum { end = start } else { patterns.append(start..<end) }
        start = end
    }

    /// Returns the patterns in a block of their size, because the memory that a process can lock is limited, and their
    /// ranges in it.
    consuming func finish() -> (memory: WipedMemory, patterns: [Range<Int>]) {
        let exact = WipedMemory(count: end)
        unsafe exact.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[..<end]))
        return (exact, patterns)
    }
}

/// Returns the scalar at `index` and its length in bytes; nil and 1 for a byte that starts no scalar. Copies no bytes.
private func decodeUTF8(_ secret: UnsafeRawBufferPointer, at index: Int) -> (scalar: UInt32?, length: Int) {
    let first = unsafe secret[index]
    guard first >= 0x80 else { return (UInt32(first), 1) }
    let length =
        switch first {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 1
        }
    guard length > 1, index + length <= secret.count,
        (1..<length).allSatisfy({ unsafe secret[index + $0] & 0xc0 == 0x80 })
    else { return (nil, 1) }
    var scalar = UInt32(first) & (0x7f >> UInt32(length))
    for next in 1..<length { scalar = unsafe scalar << 6 | UInt32(secret[index + next]) & 0x3f }
    return (scalar, length)
}

extension UInt8 {
    var isASCIILetterOrDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x7a).contains(self | 0x20) }
}
