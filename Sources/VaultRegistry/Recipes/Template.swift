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
    public func resolved(settings: Settings, client: Settings = [:]) -> [TemplatePiece]? {
        resolved(settings: settings, client: client) { _, value in value }
    }

    /// Returns the text, or nil if a setting is missing or the template has a secret or token.
    public func text(settings: Settings, client: Settings = [:]) -> String? {
        text(settings: settings, client: client) { _, value in value }
    }

    func text(settings: Settings, client: Settings, encode: (String, String) -> String) -> String? {
        guard let pieces = resolved(settings: settings, client: client, encode: encode) else { return nil }
        if pieces.isEmpty { return "" }
        guard pieces.count == 1, case .text(let text) = pieces[0] else { return nil }
        return text
    }

    private func resolved(
        settings: Settings, client: Settings, encode: (_ key: String, _ value: String) -> String
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
            case .setting(let key):
                guard let value = settings[key] else { return nil }
                append(encode(key, value.values.joined(separator: " ")))
            case .clientSetting(let key):
                guard let value = client[key] else { return nil }
                append(encode(key, value.values.joined(separator: " ")))
            case .secret, .token, .clientSecret: result.append(piece)
            }
        }
        return result
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
func percentEncoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        if byte.isASCIIAlphanumeric || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) {
            bytes.append(byte)
        } else {
            bytes.append(0x25)
            bytes.append(Hex.digit(byte >> 4, uppercase: true))
            bytes.append(Hex.digit(byte & 15, uppercase: true))
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
