import VaultCore
import VaultMasking
import VaultMemory
import VaultText

/// The header lines that authorize a request, encoded in locked memory, each with its CR LF.
struct AuthorizationLines: Sendable {
    /// nil for a request without authorization.
    let bytes: SharedSecret?
    /// The secrets in the lines, to be masked in the response.
    let secrets: [SharedSecret]
    /// The access token in the lines, if the authorization needs one.
    let token: IssuedToken?

    init(_ authorization: RequestAuthorization, token: IssuedToken? = nil) {
        self.token = token
        switch authorization {
        case .none: (bytes, secrets) = (nil, [])
        case .headers(let headers): (bytes, secrets) = Self.lines(headers, token)
        case .token(let plan): (bytes, secrets) = Self.lines([plan.header], token)
        case .basic(let user, let password):
            (bytes, secrets) = Self.basic(user + [.text(":")] + password, password.compactMap(\.secret))
        }
    }

    /// HTTP Basic for a token endpoint, with both halves form-encoded (RFC 6749, section 2.3.1).
    init(client: String, secret: SharedSecret) {
        token = nil
        let pair: [ChildVariable.Piece] = [.text(formEncoded(client) + ":"), .secret(secret.formEncoded)]
        (bytes, secrets) = Self.basic(pair, [secret])
    }

    private static func lines(
        _ headers: [AuthorizationHeader], _ token: IssuedToken?
    ) -> (SharedSecret?, [SharedSecret]) {
        var pieces: [ChildVariable.Piece] = []
        for header in headers {
            pieces.append(.text(header.name + ": "))
            for piece in header.value {
                if case .token = piece, let token {
                    pieces.append(.secret(token.value))
                } else {
                    pieces.append(piece)
                }
            }
            pieces.append(.text("\r\n"))
        }
        return (SharedSecret(SecretBytes(joining: pieces)), pieces.compactMap(\.secret))
    }

    private static func basic(
        _ pair: [ChildVariable.Piece], _ secrets: [SharedSecret]
    ) -> (SharedSecret?, [SharedSecret]) {
        let encoded = SharedSecret(SecretBytes(base64: SecretBytes(joining: pair)))
        let line = SecretBytes(joining: [.text("authorization: Basic "), .secret(encoded), .text("\r\n")])
        return (SharedSecret(line), secrets + [encoded])
    }
}

extension ChildVariable.Piece {
    fileprivate var secret: SharedSecret? { if case .secret(let secret) = self { secret } else { nil } }

    /// The number of bytes; 0 for the placeholder of a token.
    fileprivate var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .secret(let secret): secret.bytes.count
        case .token: 0
        }
    }
}

extension SecretBytes {
    fileprivate init(joining pieces: [ChildVariable.Piece]) {
        unsafe self.init(count: pieces.reduce(0) { $0 + $1.count }) { memory in
            var place = 0
            for piece in pieces {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[place...])
                switch piece {
                case .text(let text): unsafe rest.copyBytes(from: text.utf8)
                case .secret(let secret):
                    unsafe secret.bytes.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
                case .token: break
                }
                place += piece.count
            }
        }
    }

    /// Encodes as base64 (RFC 4648, section 4) with padding.
    fileprivate init(base64 source: borrowing SecretBytes) {
        let length = (source.count * 8 + 5) / 6
        unsafe self.init(count: (source.count + 2) / 3 * 4) { memory in
            unsafe source.withUnsafeBytes { bytes in
                for index in memory.indices {
                    let character = unsafe Base64Patterns.character(index, of: bytes, urlSafe: false)
                    unsafe memory[index] = index < length ? character : UInt8(ascii: "=")
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
    let encoded = SharedSecret(SecretBytes(copying: Array(text.utf8))).formEncoded
    return unsafe encoded.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
}

private func isUnreservedInForm(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._*".utf8.contains(byte)
}
