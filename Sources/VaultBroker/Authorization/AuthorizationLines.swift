import VaultCore
import VaultMemory
import VaultText

/// The header lines that authorize a request, encoded in locked memory, each with its CR LF.
struct AuthorizationLines: Sendable {
    /// nil for a request without authorization.
    let bytes: SharedSecret?
    /// The secrets in the lines, to be masked in the response.
    let secrets: [SharedSecret]

    /// - Parameter token: The access token, if the authorization needs one.
    init(_ authorization: RequestAuthorization, token: SharedSecret? = nil) {
        switch authorization {
        case .none:
            bytes = nil
            secrets = []
        case .headers(let headers):
            let parts = headers.flatMap { Self.parts(of: $0, token) }
            bytes = SharedSecret(SecretBytes(joining: parts))
            secrets = parts.compactMap(\.secret)
        case .basic(let user, let password):
            let pair = SharedSecret(
                SecretBytes(
                    joining: user.map { HeaderPart($0, token) } + [.text(":")]
                        + password.map { HeaderPart($0, token) }))
            let encoded = SharedSecret(SecretBytes(base64: pair.bytes))
            bytes = SharedSecret(
                SecretBytes(joining: [.text("authorization: Basic "), .secret(encoded), .text("\r\n")]))
            secrets = password.map { HeaderPart($0, token) }.compactMap(\.secret) + [encoded]
        case .token(let plan):
            let parts = Self.parts(of: plan.header, token)
            bytes = SharedSecret(SecretBytes(joining: parts))
            secrets = parts.compactMap(\.secret)
        }
    }

    /// HTTP Basic for a token endpoint, with both halves form-encoded (RFC 6749, section 2.3.1).
    init(client: String, secret: SharedSecret) {
        let pair = SharedSecret(
            SecretBytes(joining: [.text(formEncoded(client)), .text(":"), .secret(secret.formEncoded)]))
        let encoded = SharedSecret(SecretBytes(base64: pair.bytes))
        bytes = SharedSecret(
            SecretBytes(joining: [.text("authorization: Basic "), .secret(encoded), .text("\r\n")]))
        secrets = [secret, encoded]
    }

    private static func parts(of header: AuthorizationHeader, _ token: SharedSecret?) -> [HeaderPart] {
        [.text(header.name + ": ")] + header.value.map { HeaderPart($0, token) } + [.text("\r\n")]
    }
}

/// A part of a header line.
enum HeaderPart {
    case text(String)
    case secret(SharedSecret)

    init(_ piece: ChildVariable.Piece, _ token: SharedSecret?) {
        switch piece {
        case .text(let text): self = .text(text)
        case .secret(let secret): self = .secret(secret)
        case .token: self = token.map(HeaderPart.secret) ?? .text("")
        }
    }

    var secret: SharedSecret? { if case .secret(let secret) = self { secret } else { nil } }

    var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .secret(let secret): secret.bytes.count
        }
    }
}

extension SecretBytes {
    init(joining parts: [HeaderPart]) {
        unsafe self.init(count: parts.reduce(0) { $0 + $1.count }) { memory in
            var place = 0
            for part in parts {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[place...])
                switch part {
                case .text(let text): unsafe rest.copyBytes(from: text.utf8)
                case .secret(let secret):
                    unsafe secret.bytes.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
                }
                place += part.count
            }
        }
    }

    /// Encodes as base64 (RFC 4648, section 4) with padding.
    init(base64 source: borrowing SecretBytes) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let count = source.count
        unsafe self.init(count: (count + 2) / 3 * 4) { memory in
            unsafe source.withUnsafeBytes { bytes in
                for group in 0..<(count + 2) / 3 {
                    var bits: UInt32 = 0
                    for index in 0..<3 {
                        let place = group * 3 + index
                        bits = unsafe bits << 8 | (place < count ? UInt32(bytes[place]) : 0)
                    }
                    for index in 0..<4 {
                        let value = Int(bits >> (18 - 6 * UInt32(index)) & 63)
                        let isPadding = group * 3 + index > count
                        unsafe memory[group * 4 + index] =
                            isPadding
                            ? UInt8(ascii: "=") : alphabet.withUTF8Buffer { unsafe $0[value] }
                    }
                }
            }
        }
    }
}

extension SharedSecret {
    /// The secret encoded as `application/x-www-form-urlencoded`, in locked memory.
    var formEncoded: SharedSecret {
        let encoded = unsafe bytes.withUnsafeBytes { bytes in
            let count = unsafe bytes.reduce(0) { $0 + (isUnreservedInForm($1) || $1 == 0x20 ? 1 : 3) }
            return unsafe SecretBytes(count: count) { memory in
                var place = 0
                for index in bytes.indices {
                    let byte = unsafe bytes[index]
                    if isUnreservedInForm(byte) || byte == 0x20 {
                        unsafe memory[place] = byte == 0x20 ? UInt8(ascii: "+") : byte
                        place += 1
                    } else {
                        unsafe memory[place] = UInt8(ascii: "%")
                        unsafe memory[place + 1] = Hex.digit(byte >> 4, uppercase: true)
                        unsafe memory[place + 2] = Hex.digit(byte & 15, uppercase: true)
                        place += 3
                    }
                }
            }
        }
        return SharedSecret(encoded)
    }
}

/// Encodes a text as `application/x-www-form-urlencoded`.
func formEncoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        if isUnreservedInForm(byte) {
            bytes.append(byte)
        } else if byte == 0x20 {
            bytes.append(UInt8(ascii: "+"))
        } else {
            bytes += [
                UInt8(ascii: "%"), Hex.digit(byte >> 4, uppercase: true),
                Hex.digit(byte & 15, uppercase: true),
            ]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func isUnreservedInForm(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "*"):
        true
    default: false
    }
}
