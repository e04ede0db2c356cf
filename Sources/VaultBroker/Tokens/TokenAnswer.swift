// The folder's rule: a token is a secret as any other, and lives in locked memory from the moment it is found in an
// answer; it is used until shortly before it ends, and by the client that it was minted for.

import NIOCore
import VaultCore
import VaultMemory

/// What a token endpoint answered, RFC 6749, sections 5.1 and 5.2.
///
/// Read by hand: a JSON library would put the token into memory that nobody wipes.
struct TokenAnswer {
    var token: SharedSecret?
    var kind: String?
    /// Seconds; nil where nothing is said.
    var expires: Int?
    var error: String?

    /// The six words that a refusal may have; any other is not shown, since it could hold anything.
    private static let errors = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ]

    /// - Throws: `notJSON` for what is no object; values that are not asked for may be anything.
    init(_ buffer: ByteBuffer) throws(OutsideFault.TokenFault) {
        let result: Result<TokenAnswer, OutsideFault.TokenFault> = unsafe buffer.withUnsafeReadableBytes {
            bytes in
            Result { () throws(OutsideFault.TokenFault) in try unsafe TokenAnswer(bytes) }
        }
        self = try result.get()
    }

    private init(_ bytes: UnsafeRawBufferPointer) throws(OutsideFault.TokenFault) {
        var scanner = unsafe MemberScanner(bytes)
        guard scanner.begin() else { throw .notJSON }
        while true {
            switch scanner.next() {
            case .member(let key, let value):
                switch key {
                case "access_token": token = scanner.secret(value)
                case "token_type": kind = scanner.text(value)
                case "expires_in": expires = scanner.number(value)
                case "error":
                    let word = scanner.text(value) ?? ""
                    error = Self.errors.contains(word) ? word : "an error of its own"
                default: break
                }
            case .end: return
            case .broken: throw .notJSON
            }
        }
    }

    /// The token, where the answer is one.
    func checked(status: Int) throws(OutsideFault.TokenFault) -> SharedSecret {
        if let error { throw .refused(error) }
        guard status == 200 else { throw .status(status) }
        guard let token, token.bytes.count > 0 else { throw .noToken }
        guard kind == nil || kind?.lowercased() == "bearer" else { throw .kind }
        // It becomes a header's value: nothing but visible ASCII (RFC 6750, section 2.1, is narrower still).
        let isPlain = unsafe token.bytes.withUnsafeBytes { bytes in
            unsafe bytes.allSatisfy { (0x21...0x7e).contains($0) }
        }
        guard isPlain else { throw .noToken }
        return token
    }
}
