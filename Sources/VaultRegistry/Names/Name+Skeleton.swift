@_spi(_Unicode) import Swift

extension Name {
    /// Returns the skeleton of a name: names that a person could confuse have the same one.
    ///
    /// It is stored as the unique key of a name. So it must never change for a given name, and the tables are frozen. It
    /// is not meant to be shown. The steps are similar to UTS 39, section 4:
    /// 1. canonical decomposition (NFD)
    /// 2. compatibility characters to plain letters and digits: full width, mathematical, circled, small roman, ligatures
    /// 3. letters of other scripts to the Latin letters they look like: Cyrillic, Greek, Armenian, Cherokee and others
    /// 4. lower case, by the full mapping of a scalar
    /// 5. confusable ASCII characters: `1`, `i`, `|` and `!` to `l`; `0` to `o`; dashes and quotes each to one of them
    /// 6. pairs: `rn` to `m`, `vv` to `w`
    ///
    /// Spaces, `-` and `_` remain distinct.
    public static func skeleton(of name: String) -> String {
        if let ascii = asciiSkeleton(name.utf8) { return ascii }
        var letters: [Unicode.Scalar] = []
        for scalar in name._nfd {
            let plain = compatible(scalar)
            for scalar in plain {
                let likeLatin = Confusables.latin(scalar) ?? scalar
                for lower in likeLatin.properties.lowercaseMapping.unicodeScalars {
                    let folded = Confusables.latin(lower) ?? lower
                    letters.append(folded.isASCII ? alike(UInt8(folded.value)) : folded)
                }
            }
        }
        return text(joiningPairs(letters))
    }

    /// Returns the skeleton of an ASCII name without using Unicode tables; nil for any other name.
    private static func asciiSkeleton(_ bytes: String.UTF8View) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            guard byte < 0x80 else { return nil }
            let folded = alikeByte(byte.asciiLowercased)
            if let last = result.last, let joined = pair(last, folded) {
                result[result.count - 1] = joined
            } else {
                result.append(folded)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func alike(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(alikeByte(byte)) }

    private static func alikeByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "1"), UInt8(ascii: "i"), UInt8(ascii: "|"), UInt8(ascii: "!"): UInt8(ascii: "l")
        case UInt8(ascii: "0"): UInt8(ascii: "o")
        case UInt8(ascii: "`"), UInt8(ascii: "\""): UInt8(ascii: "'")
        default: byte
        }
    }

    private static func pair(_ first: UInt8, _ second: UInt8) -> UInt8? {
        switch (first, second) {
        case (UInt8(ascii: "r"), UInt8(ascii: "n")): UInt8(ascii: "m")
        case (UInt8(ascii: "v"), UInt8(ascii: "v")): UInt8(ascii: "w")
        default: nil
        }
    }

    private static func joiningPairs(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for scalar in scalars {
            if let last = result.last, last.isASCII, scalar.isASCII,
                let joined = pair(UInt8(last.value), UInt8(scalar.value))
            {
                result[result.count - 1] = Unicode.Scalar(joined)
            } else {
                result.append(scalar)
            }
        }
        return result
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
