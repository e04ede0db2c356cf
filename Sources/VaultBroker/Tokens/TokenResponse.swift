import NIOCore
import VaultCore
import VaultMemory

/// The response of a token endpoint (RFC 6749, sections 5.1 and 5.2), with the token in locked memory.
///
/// A JSON library would leave the token in memory that is never wiped.
struct TokenResponse {
    var token: SharedSecret?
    var kind: String?
    /// The lifetime in seconds; nil if it is not given.
    var expires: Int?
    var error: String?

    /// The error codes of section 5.2. Others are not shown, since they could contain anything.
    private static let errors = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ]

    /// Parses a response. Unknown members are ignored.
    ///
    /// - Throws: `notJSON` if it is not a JSON object.
    init(_ buffer: ByteBuffer) throws(OutsideFault.TokenFault) {
        let result: Result<TokenResponse, OutsideFault.TokenFault> = unsafe buffer.withUnsafeReadableBytes {
            bytes in
            Result { () throws(OutsideFault.TokenFault) in try unsafe TokenResponse(bytes) }
        }
        self = try result.get()
    }

    private init(_ bytes: UnsafeRawBufferPointer) throws(OutsideFault.TokenFault) {
        var scanner = unsafe JSONObjectScanner(bytes)
        guard let members = scanner.members() else { throw .notJSON }
        for (key, value) in members {
            switch key {
            case "access_token": token = scanner.secret(value)
            case "token_type": kind = scanner.text(value)
            case "expires_in": expires = scanner.number(value)
            case "error":
                let code = scanner.text(value) ?? ""
                error = Self.errors.contains(code) ? code : "a non-standard error"
            default: break
            }
        }
    }

    /// The token of a successful response.
    ///
    /// - Throws: `refused`, `status`, `noToken` or `kind`.
    func checkedToken(status: Int) throws(OutsideFault.TokenFault) -> SharedSecret {
        if let error { throw .refused(error) }
        guard status == 200 else { throw .status(status) }
        guard let token, token.bytes.count > 0 else { throw .noToken }
        guard kind == nil || kind?.lowercased() == "bearer" else { throw .kind }
        // The token goes into a header field: visible ASCII only (RFC 6750, section 2.1, allows even less).
        let isVisible = unsafe token.bytes.withUnsafeBytes { bytes in
            unsafe bytes.allSatisfy { (0x21...0x7e).contains($0) }
        }
        guard isVisible else { throw .noToken }
        return token
    }
}
