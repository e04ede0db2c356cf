/// One piece of a text that is put together when it is used.
///
/// Rule of this folder: recipes say how a connection is used, with places for values. Putting a secret in its
/// place is the work of whoever holds it; nothing here ever does.
public enum TemplatePiece: Sendable, Equatable {
    case text(String)
    /// A setting of the connection; a list is joined with single spaces.
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

/// A text with places for values: `AppKey {app-key}`, `https://{domain}`.
public struct Template: Sendable, Equatable {
    public let pieces: [TemplatePiece]

    /// True when its text cannot be made without a secret or a token.
    public var holdsSecret: Bool {
        pieces.contains {
            switch $0 {
            case .secret, .token, .clientSecret: true
            case .text, .setting, .clientSetting: false
            }
        }
    }

    /// The pieces with every setting in its place, or nil when a setting is missing.
    ///
    /// What is left beside texts is secret. A list is joined with single spaces; an IPv6 address after `://` gets
    /// its brackets. Neighbouring texts are one piece.
    public func resolved(settings: Settings, client: Settings = [:]) -> [TemplatePiece]? {
        resolved(settings: settings, client: client) { _, value in value }
    }

    /// The text, or nil when a setting is missing or the template holds a secret.
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

/// Everything but the unreserved characters of RFC 3986, section 2.3, as `%XX`.
func percentEncoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        if byte.isASCIIAlphanumeric || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) {
            bytes.append(byte)
        } else {
            bytes.append(0x25)
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 15))
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
