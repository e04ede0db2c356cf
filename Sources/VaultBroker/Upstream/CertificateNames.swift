import NIOSSL
import VaultRegistry

/// The names for which a certificate is valid: only its subject alternative names.
///
/// NIOSSL also accepts the common name of a certificate without alternative names, and an IP address in place of a DNS
/// name. RFC 9110, section 4.3.4, requires the kind of name that the URI has, and RFC 9525, section 2, forbids the
/// common name. The broker therefore checks again before it sends the first request over a connection.
struct CertificateNames {
    var dns: [String] = []
    var addresses: [[UInt8]] = []
}

extension CertificateNames {
    init(_ certificate: NIOSSLCertificate) {
        self.init()
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: dns.append(String(decoding: Array(name.contents), as: UTF8.self))
            case .ipAddress: addresses.append(Array(name.contents))
            default: break
            }
        }
    }

    /// Whether the certificate is valid for a host. A DNS name matches only DNS names, an IP address only IP addresses.
    ///
    /// - Parameter host: A name in lower case, or the canonical form of an address.
    func cover(_ host: String) -> Bool {
        if let address = Host.addressBytes(host) { return addresses.contains(address) }
        return dns.contains { Self.matches($0, host) }
    }

    /// Matches as in RFC 9525, section 6.3: a wildcard must be the whole first label, and stands for exactly one label.
    /// At least two labels must follow it, as browsers require, so that `*.com` matches nothing.
    private static func matches(_ pattern: String, _ host: String) -> Bool {
        let pattern = pattern.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard pattern.starts(with: "*.".utf8) else { return pattern.elementsEqual(host.utf8) }
        let suffix = pattern.dropFirst()
        guard suffix.count(where: { $0 == UInt8(ascii: ".") }) >= 2, !suffix.contains(UInt8(ascii: "*")),
            let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), dot > host.startIndex
        else { return false }
        return suffix.elementsEqual(host.utf8[dot...])
    }
}
