import VaultText

/// A piece of a template.
///
/// This module replaces settings only. Secrets are inserted by the code that uses a connection.
public enum TemplatePiece: Sendable, Equatable {
    /// Literal text.
    case text(String)
    /// A setting of the connection. A list is joined with single spaces.
    case setting(String)
    /// A secret field of the connection.
    case secret(String)
    /// The OAuth 2.0 access token.
    case token
    /// A setting of the connection's OAuth 2.0 client.
    case clientSetting(String)
    /// A secret field of the connection's OAuth 2.0 client.
    case clientSecret(String)
}

/// A text with placeholders, such as `AppKey {app-key}` or `https://{domain}`.
public struct Template: Sendable, Equatable {
    let pieces: [TemplatePiece]

    /// Returns the pieces with settings replaced by their values, or nil if a setting is missing.
    ///
    /// The result has only texts, secrets and tokens, and no two texts in a row. A list is joined with single spaces; an
    /// IPv6 address after `://` is put in brackets.
    ///
    /// - Parameters:
    ///   - settings: The settings of the connection.
    ///   - client: The settings of its OAuth 2.0 client.
    ///   - encode: Encodes the value of a setting, given its key; nothing by default.
    public func resolved(
        settings: Settings, client: Settings = [:],
        encode: (_ key: String, _ value: String) -> String = { $1 }
    ) -> [TemplatePiece]? {
        var result: [TemplatePiece] = []
        func append(_ text: String) {
            guard case .text(let before)? = result.last else { return result.append(.text(text)) }
            let isAddress = before.hasSuffix("://") && text.utf8.contains(UInt8(ascii: ":"))
            let isIPv6 = isAddress && Host.address(text) == text
            result[result.count - 1] = .text(before + (isIPv6 ? "[\(text)]" : text))
        }
        for piece in pieces {
            switch piece {
            case .text(let text): append(text)
            case .setting(let key), .clientSetting(let key):
                guard let value = piece == .setting(key) ? settings[key] : client[key] else { return nil }
                append(encode(key, value.values.joined(separator: " ")))
            case .secret, .token, .clientSecret: result.append(piece)
            }
        }
        return result
    }

    /// Returns the text, or nil if a setting is missing or the template has a secret or token.
    ///
    /// The parameters are those of `resolved(settings:client:encode:)`.
    public func text(
        settings: Settings, client: Settings = [:],
        encode: (_ key: String, _ value: String) -> String = { $1 }
    ) -> String? {
        guard let pieces = resolved(settings: settings, client: client, encode: encode) else { return nil }
        guard let first = pieces.first else { return "" }
        guard pieces.count == 1, case .text(let text) = first else { return nil }
        return text
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
func percentEncoded(_ text: String) -> String {
    let bytes = text.utf8.flatMap { byte -> [UInt8] in
        byte.isASCIIAlphanumeric || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            ? [byte]
            : [0x25, Hex.digit(byte >> 4, uppercase: true), Hex.digit(byte & 15, uppercase: true)]
    }
    return String(decoding: bytes, as: UTF8.self)
}
