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
        var letters: [Unicode.Scalar] = []
        func append(_ letter: Unicode.Scalar) {
            let letter = alike(letter)
            guard let last = letters.last, let joined = pair(last, letter) else {
                return letters.append(letter)
            }
            letters[letters.count - 1] = joined
        }
        if name.utf8.allSatisfy({ $0 < 0x80 }) {
            // Plain ASCII, the common case, needs no Unicode tables.
            for byte in name.utf8 { append(Unicode.Scalar(byte.asciiLowercased)) }
        } else {
            for plain in name._nfd.flatMap(compatible) {
                let likeLatin = Confusables.latin(plain) ?? plain
                for lower in likeLatin.properties.lowercaseMapping.unicodeScalars {
                    append(Confusables.latin(lower) ?? lower)
                }
            }
        }
        return String(String.UnicodeScalarView(letters))
    }

    private static func alike(_ letter: Unicode.Scalar) -> Unicode.Scalar {
        switch letter {
        case "1", "i", "|", "!": "l"
        case "0": "o"
        case "`", "\"": "'"
        default: letter
        }
    }

    private static func pair(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        switch (first, second) {
        case ("r", "n"): "m"
        case ("v", "v"): "w"
        default: nil
        }
    }
}
