import Testing

@testable import VaultBroker

@Suite struct CertificateNameTests {
    @Test(
        "matches whole labels of DNS names only (case 109)",
        arguments: [
            ("a.example.com", "a.example.com", true),
            ("A.Example.COM", "a.example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "b.a.example.com", false),
            ("a*.example.com", "ab.example.com", false),
            ("*a.example.com", "ba.example.com", false),
            ("*.*.example.com", "b.a.example.com", false),
            ("a.*.com", "a.example.com", false),
            ("*.com", "example.com", false),
            ("*", "localhost", false),
            ("*.", "localhost", false),
            ("a.example.com.", "a.example.com", false),
            ("a.example.com\u{0}.evil.example", "a.example.com", false),
            ("", "a.example.com", false),
            ("127.0.0.1", "127.0.0.1", false),
        ])
    func dnsNames(name: String, host: String, matches: Bool) {
        #expect(CertificateNames(dns: [name]).cover(host) == matches)
    }

    @Test("matches an IP address exactly (case 109)")
    func addresses() {
        let names = CertificateNames(
            dns: ["::1"], addresses: [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [2]])
        #expect(names.cover("127.0.0.1") && names.cover("::2"))
        #expect(!names.cover("127.0.0.2") && !names.cover("::1") && !names.cover("localhost"))
    }
}
