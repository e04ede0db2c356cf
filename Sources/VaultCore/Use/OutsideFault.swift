/// A failure of a remote host, or of the connection to it.
///
/// It carries hosts, ports and statuses, and no other part of a response, which may hold anything.
public enum OutsideFault: Error, Sendable, Equatable, Codable {
    case unresolved(host: String)
    case refused(host: String, port: Int)
    case unreachable(host: String, port: Int)
    case timedOut(host: String, seconds: Int, connecting: Bool)
    /// The certificate is for another name.
    case foreignCertificate(host: String)
    case untrustedCertificate(host: String)
    case notTLS(host: String, port: Int)
    case handshake(host: String)
    /// The host closed the connection before the response was complete.
    case lost(host: String)
    /// The response is not valid HTTP.
    case malformed(host: String)
    /// The response is compressed or encoded although the request asked for none, so secrets in it can't be masked.
    case encoded(host: String)
    /// The response has a status of 300 or more.
    case answered(host: String, status: Int)
    case token(host: String, TokenFault)
    /// The file in SSL_CERT_FILE can't be used.
    case trustFile(path: String)
    /// The vault was locked during the request.
    case locked
    /// The caller's body differs from its declared length in bytes.
    case bodyLength(declared: UInt64)

    /// Why a token endpoint's response holds no token.
    public enum TokenFault: Error, Sendable, Equatable, Codable {
        case status(Int)
        /// One of the six values of `error` in RFC 6749, section 5.2.
        case refused(String)
        case tooLarge
        case notJSON
        case noToken
        /// The token type is not Bearer.
        case kind

        fileprivate func what(_ host: String) -> String {
            switch self {
            case .status(let status): "the token endpoint of \(host) answered \(status) without a token"
            case .refused(let word): "the token endpoint of \(host) refused: \(word)"
            case .tooLarge: "the response of the token endpoint of \(host) is too large"
            case .notJSON: "the response of the token endpoint of \(host) is not JSON"
            case .noToken: "the response of the token endpoint of \(host) has no token"
            case .kind: "the token of the token endpoint of \(host) is not a bearer token"
            }
        }
    }

    /// The message for the user.
    public var what: String {
        switch self {
        case .unresolved(let host): "can't resolve \(host)"
        case .refused(let host, let port): "\(host) refuses connections on port \(port)"
        case .unreachable(let host, let port): "can't reach \(host) on port \(port)"
        case .timedOut(let host, let seconds, let connecting):
            connecting
                ? "timed out connecting to \(host) after \(seconds) seconds"
                : "\(host) did not respond within \(seconds) seconds"
        case .foreignCertificate(let host):
            "the server at \(host) presents a certificate for another name"
        case .untrustedCertificate(let host):
            "the certificate of \(host) is not trusted: unknown issuer, expired, or not for servers"
        case .notTLS(let host, let port): "\(host) does not use TLS on port \(port)"
        case .handshake(let host): "the TLS handshake with \(host) failed"
        case .lost(let host): "\(host) closed the connection before its response was complete"
        case .malformed(let host): "the response of \(host) is not valid HTTP"
        case .encoded(let host):
            "\(host) sent a compressed or encoded response, in which secrets can't be masked"
        case .answered(let host, let status):
            (300...399).contains(status)
                ? "\(host) answered \(status), a redirect, which is not followed"
                : "\(host) answered \(status)"
        case .token(let host, let fault): fault.what(host)
        case .trustFile(let path): "SSL_CERT_FILE is \(path), which holds no readable certificate"
        case .locked: "the vault was locked during the request"
        case .bodyLength(let declared): "the body does not have the declared length of \(declared) bytes"
        }
    }

    /// What the user can do about it.
    public var next: String {
        switch self {
        case .unresolved: "check the spelling of the domain, and the network of this machine"
        case .refused, .unreachable: "check the domain and port; a firewall or VPN may be in between"
        case .timedOut: "try again; check the network, and the provider's status page"
        case .foreignCertificate:
            "nothing was sent. Check the domain; the connection may be intercepted"
        case .untrustedCertificate:
            "nothing was sent. If the issuer is your own, set SSL_CERT_FILE to a file with its certificate"
        case .notTLS: "nothing was sent. Check the domain and port; TLS is required"
        case .handshake: "the server may be too old: it must support TLS 1.2 or later"
        case .lost, .malformed: "try again; check the provider's status page"
        case .encoded: "the provider ignores 'Accept-Encoding: identity'; use vault exec for this"
        case .answered(_, let status):
            switch status {
            case 300...399: "request the path that it redirects to; --include shows it"
            case 401: "run vault connection test to see what that means"
            case 429: "wait as long as its headers say; --include shows them"
            case 500...: "try again later; check the provider's status page"
            default: "the response is on stdout; vault connection test may explain it"
            }
        case .token: "check the client ID, secret and scopes with vault client show"
        case .trustFile: "set SSL_CERT_FILE to a file with PEM certificates, or unset it"
        case .locked: "vault unlock, and try again"
        case .bodyLength: "declare the actual length"
        }
    }
}
