import VaultLedger

/// JSON output that is safe on a terminal.
///
/// Characters that a terminal would interpret or hide (see `SafeText`) are written as `\uXXXX`, which parsers read back.
extension JSON {
    /// The value on one line, without a final newline: sorted keys, no spaces.
    var safeText: String {
        switch self {
        case .null, .bool, .integer: text
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map { $0.safeText }.joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.pairs.map { Self.quoted($0.key) + ":" + $0.value.safeText }.joined(separator: ",")
                + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            SafeText.isPlain($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        return "\"\(isPlain ? text : text.unicodeScalars.map(escaped).joined())\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where SafeText.mustEscape(scalar):
            UTF16.encode(scalar)!.map { "\\u" + SafeText.hex(UInt32($0), digits: 4).lowercased() }.joined()
        default: String(scalar)
        }
    }
}
