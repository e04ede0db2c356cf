/// What went wrong at the other side, or on the way to it; each has words of its own.
///
/// Carries hosts, ports and statuses, never what the other side said: that may hold anything.
public enum OutsideFault: Error, Sendable, Equatable, Codable {
    case unresolved(host: String)
    case refused(host: String, port: Int)
    case unreachable(host: String, port: Int)
    case timedOut(host: String, seconds: Int, connecting: Bool)
    /// The certificate is of another name.
    case foreignCertificate(host: String)
    case untrustedCertificate(host: String)
    case notTLS(host: String, port: Int)
    case handshake(host: String)
    /// It closed the connection before its answer was whole.
    case lost(host: String)
    /// What it sent is no HTTP.
    case malformed(host: String)
    /// It compressed or encoded its answer although it was told not to: a secret in it could not be masked.
    case encoded(host: String)
    /// It answered, with a status from 300 on.
    case answered(host: String, status: Int)
    case token(host: String, TokenFault)
    /// The file that SSL_CERT_FILE names.
    case trustFile(path: String)
    /// The vault was locked while it went on.
    case locked
    /// The caller's body was not as long as they said.
    case bodyLength(declared: UInt64)

    /// What a token endpoint answered, when it was no token.
    public enum TokenFault: Error, Sendable, Equatable, Codable {
        case status(Int)
        /// `error` of RFC 6749, section 5.2, one of its six words.
        case refused(String)
        case tooLarge
        case notJSON
        case noToken
        /// A token of a kind that is not Bearer.
        case kind
    }
}

extension OutsideFault {
    public var what: String {
        switch self {
        case .unresolved(let host): "there is no address for \(host)"
        case .refused(let host, let port): "\(host) refuses connections at port \(port)"
        case .unreachable(let host, let port): "there is no way to \(host) at port \(port)"
        case .timedOut(let host, let seconds, let connecting):
            connecting
                ? "\(host) did not take the connection within \(seconds) seconds"
                : "\(host) did not answer within \(seconds) seconds"
        case .foreignCertificate(let host):
            "what answers for \(host) presents the certificate of another name"
        case .untrustedCertificate(let host):
            "the certificate of \(host) is not trusted here: unknown issuer, expired, or not for servers"
        case .notTLS(let host, let port): "what answers for \(host) at port \(port) does not speak TLS"
        case .handshake(let host): "no TLS connection could be made with \(host)"
        case .lost(let host): "\(host) closed the connection before its answer was whole"
        case .malformed(let host): "what \(host) answered is not HTTP"
        case .encoded(let host):
            "\(host) sent a compressed or encoded answer, in which no secret could be masked"
        case .answered(let host, let status):
            (300...399).contains(status)
                ? "\(host) answered \(status), a redirect, which is not followed"
                : "\(host) answered \(status)"
        case .token(let host, let fault): fault.what(host)
        case .trustFile(let path): "SSL_CERT_FILE names \(path), which holds no certificate that can be read"
        case .locked: "the vault was locked while this went on"
        case .bodyLength(let declared): "the body is not as long as declared: \(declared) bytes"
        }
    }

    public var next: String {
        switch self {
        case .unresolved: "check the domain's spelling, and this machine's network"
        case .refused, .unreachable: "check the domain and port; a firewall or VPN may be in between"
        case .timedOut: "try again; check the network, and the provider's status page"
        case .foreignCertificate:
            "check the domain; somebody in between may be answering for it. Nothing was sent"
        case .untrustedCertificate:
            "nothing was sent. If the issuer is your own, name its certificate in SSL_CERT_FILE"
        case .notTLS: "check the domain and port; nothing was sent, and never is without TLS"
        case .handshake: "the other side may be too old: TLS 1.2 is the least that is spoken"
        case .lost, .malformed: "try again; check the provider's status page"
        case .encoded: "the provider ignores 'Accept-Encoding: identity'; use vault exec for this"
        case .answered(_, let status):
            switch status {
            case 300...399: "ask for the path that it points to: --include shows it"
            case 401: "vault connection test NAME says what that means"
            case 429: "wait as long as its headers say: --include shows them"
            case 500...: "try again later; check the provider's status page"
            default: "its answer is on stdout; vault connection test NAME"
            }
        case .token: "check client ID, secret and scopes: vault client show NAME"
        case .trustFile: "name a file of PEM certificates, or unset SSL_CERT_FILE"
        case .locked: "vault unlock, and do it again"
        case .bodyLength: "give the length that it has"
        }
    }
}

extension OutsideFault.TokenFault {
    fileprivate func what(_ host: String) -> String {
        switch self {
        case .status(let status): "the token endpoint of \(host) answered \(status), and no token"
        case .refused(let word): "the token endpoint of \(host) refused: \(word)"
        case .tooLarge: "the token endpoint of \(host) answered far more than a token"
        case .notJSON: "the token endpoint of \(host) answered something that is not JSON"
        case .noToken: "the token endpoint of \(host) answered without a token"
        case .kind: "the token endpoint of \(host) gave a token that is not a bearer token"
        }
    }
}
