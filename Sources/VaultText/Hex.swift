/// Hexadecimal, for public bytes: the time depends on their values.
public enum Hex {
    /// The digit of a number from 0 to 15, in ASCII.
    public static func digit(_ nibble: UInt8, uppercase: Bool = false) -> UInt8 {
        nibble + (nibble < 10 ? UInt8(ascii: "0") : (uppercase ? UInt8(ascii: "A") : UInt8(ascii: "a")) - 10)
    }

    /// The number of a digit of either case, or nil for another character.
    public static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Encodes bytes as lower-case digits.
    public static func encode(_ bytes: [UInt8]) -> String {
        unsafe String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (index, byte) in bytes.enumerated() {
                unsafe text[2 * index] = digit(byte >> 4)
                unsafe text[2 * index + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    /// Decodes digits of either case.
    ///
    /// - Returns: nil if the number of digits is odd or another character occurs.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = value(text[index]), let low = value(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
