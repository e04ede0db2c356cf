/// Characters that look like Latin letters, digits and ASCII punctuation. Frozen, because stored keys depend on it.
enum Confusables {
    static func latin(_ scalar: Unicode.Scalar) -> Unicode.Scalar? { table[scalar] }

    /// Characters, and at the same index the characters they look like.
    static let rows: [(look: String, like: String)] = [
        // Cyrillic. Both cases of a letter map to the same one, so that case has no meaning.
        ("аАеЕоОрРсСхХуУіІјЈѕЅԁԛԝһҺӏӀкКмМтТнНвВзЗьЬгГ", "aaeeooppccxxyyiijjssdqwhhllkkmmttnnvv33bbrr"),
        ("ёЁїЇӑӐѐЀ", "eeiiaaee"),
        // Greek.
        ("αΑβΒεΕζΖηΗιΙκΚμΜνΝοΟρΡτΤυΥχΧϲϹϳͿγΓωΩ", "aabbeezzhhiikkmmvvooppttyyxxccjjyyww"),
        // Single letters of Armenian, Hebrew, Cherokee, Lisu and others.
        ("օՕסߋ०০੦૦௦౦೦൦๐໐၀٠۰Өө", "ooooooooooooooooooo"),
        ("ՍսհցքոռʟԼլ", "uuhgqnnlll"),
        ("ᎪᏴᏟᎠᎬᎻᎥᎫᏞᎷᏢᎡᏚᎢᏙᏔᏃ", "abcdehijlmprstvwz"),
        ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcdefghijklmnoprstuvwxyz"),
        // Latin letters without a decomposition.
        ("ıɩɪǃǀⅼȷɑɡɢʀʙɴʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢøØđĐłŁħĦŧŦƅɓɗ", "lllllljaggrbnhacdejkmoptuvwzooddllhhttbbd"),
        // Arabic and other digits and letters that look like 1.
        ("١۱ا߁", "llll"),
        // Dashes, quotes and other punctuation.
        ("‐‑‒–—―−⁃˗﹘﹣ー一", "-------------"),
        ("‘’‚‛′ʹʻʼʽˈ‹›“”„‟″«»", "'''''''''''''''''''"),
        ("⁄∕⧸／", "////"),
        ("․‥·•∙⋅・", "......."),
        ("∶ː׃։：", ":::::"),
        ("∗⁎＊٭", "****"),
        ("ǃ！¡", "lll"),
    ]

    /// If a character occurs twice, the later mapping applies.
    private static let table: [Unicode.Scalar: Unicode.Scalar] = Dictionary(
        rows.flatMap { zip($0.look.unicodeScalars, $0.like.unicodeScalars) }, uniquingKeysWith: { $1 })
}

extension Name {
    /// Returns the plain letters of a compatibility character, as NFKC does for those that matter in names.
    static func compatible(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        let value = scalar.value
        switch value {
        case 0xFF01...0xFF5E: return [Unicode.Scalar(UInt8(value - 0xFF01 + 0x21))]
        // Thirteen alphabets, each of 26 capital and 26 small letters.
        case 0x1D400...0x1D6A3: return [letter((value - 0x1D400) % 26)]
        case 0x1D7CE...0x1D7FF: return [digit((value - 0x1D7CE) % 10)]
        case 0x2460...0x2468: return [digit(value - 0x2460 + 1)]
        case 0x24B6...0x24E9: return [letter((value - 0x24B6) % 26)]
        case 0x1F130...0x1F149: return [letter(value - 0x1F130)]
        case 0x1F170...0x1F189: return [letter(value - 0x1F170)]
        case 0x2080...0x2089: return [digit(value - 0x2080)]
        case 0x2074...0x2079: return [digit(value - 0x2070)]
        default: return special[value].map { Array($0.unicodeScalars) } ?? [scalar]
        }
    }

    private static func letter(_ index: UInt32) -> Unicode.Scalar { Unicode.Scalar(UInt8(0x61 + index)) }
    private static func digit(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(UInt8(0x30 + value)) }

    private static let special: [UInt32: String] = [
        0x00AA: "a", 0x00B2: "2", 0x00B3: "3", 0x00B5: "μ", 0x00B9: "1", 0x00BA: "o", 0x00C6: "ae",
        0x00E6: "ae", 0x0152: "oe", 0x0153: "oe", 0x00DF: "ss", 0x017F: "s", 0x2070: "0", 0x2071: "i",
        0x207F: "n", 0x2102: "c", 0x210A: "g", 0x210B: "h", 0x210C: "h", 0x210D: "h", 0x210E: "h",
        0x2110: "i", 0x2111: "i", 0x2112: "l", 0x2113: "l", 0x2115: "n", 0x2116: "no", 0x2119: "p",
        0x211A: "q", 0x211B: "r", 0x211C: "r", 0x211D: "r", 0x2122: "tm", 0x2124: "z", 0x212C: "b",
        0x212F: "e", 0x2130: "e", 0x2131: "f", 0x2133: "m", 0x2134: "o", 0x2139: "i", 0x2160: "i",
        0x2161: "ii", 0x2162: "iii", 0x2163: "iv", 0x2164: "v", 0x2169: "x", 0x216C: "l", 0x216D: "c",
        0x216E: "d", 0x216F: "m", 0x2170: "i", 0x2171: "ii", 0x2172: "iii", 0x2173: "iv", 0x2174: "v",
        0x2179: "x", 0x217C: "l", 0x217D: "c", 0x217E: "d", 0x217F: "m", 0x2026: "...", 0x3000: " ",
        0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
    ]
}
