import NIOSSL
import VaultRegistry

/// The names that a certificate is valid for: its subject alternative names, and nothing else.
///
/// NIOSSL also accepts the common name of a certificate without alternative names, and an address where a DNS name was
/// asked for. RFC 9110, section 4.3.4, requires the kind of name that the client's URI has, and RFC 9525, section 2,
/// forbids the common name. So the broker checks again, before a connection carries its first request.
struct CertificateNames {
    private(set) var dns: [String] = []
    private(set) var addresses: [[UInt8]] = []

    init(dns: [String] = [], addresses: [[UInt8]] = []) {
        (self.dns, self.addresses) = (dns, addresses)
    }

    init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: dns.append(String(decoding: Array(name.contents), as: UTF8.self))
            case .ipAddress: addresses.append(Array(name.contents))
            default: break
            }
        }
    }

    /// Whether the certificate is one of this host: a DNS name matches DNS names, and an address matches addresses.
    ///
    /// - Parameter host: a name in lower case, or the canonical spelling of an address.
    func cover(_ host: String) -> Bool {
        if let address = Host.addressBytes(host) { return addresses.contains(address) }
        return dns.contains { Self.matches($0, host) }
    }

    /// RFC 9525, section 6.3: a wildcard is the whole first label, and stands for exactly one label. At least two
    /// labels follow it, as browsers require: `*.com` is nobody's name.
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
