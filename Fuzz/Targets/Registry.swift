@testable import VaultRegistry

/// Connector files: a file parses exactly if lint finds no error.
@Sendable func fuzzConnector(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let found = Connector.lint(text)
    let lines = text.utf8.count { $0 == 0x0a } + text.utf8.count { $0 == 0x0d } + 3
    for diagnostic in found {
        expect(
            diagnostic.line >= 0 && diagnostic.line <= lines, "a diagnostic names a line that does not exist")
    }
    let connector = try? Connector(yaml: text)
    expect((connector == nil) == found.contains { $0.severity == .error }, "lint and the parser disagree")
    guard let connector else { return }
    expect((try? Connector(yaml: text)) == connector, "a connector parses differently the second time")
    for field in connector.fields {
        expect(connector.field(field.key) != nil, "a field is not found by its key")
        for value in ["", "x", "https://a.example.com/b?c", "1"] {
            _ = try? field.normalized([value])
        }
    }
}

private let normalizers: [Normalizer] = [
    .host, .subdomain("example.com"), .segmentAfter(["pools", "jobs"]), .segment, .path, .upperCase,
    .lowerCase, .port,
    .stripPrefix(["Bearer ", "AppKey "]), .scope, .headerName, .pem("CERTIFICATE"),
]

/// Addresses, hosts, names and other pasted values: normalization is idempotent.
@Sendable func fuzzAddress(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let normalizer = normalizers[input.number(upTo: normalizers.count - 1)]
    guard let text = text(input.all()) else { return }
    let trimmed = String(text.trimmed)
    if let value = try? normalizer.apply(trimmed) {
        let again = try? normalizer.apply(value)
        expect(again == value, "\(normalizer) is not idempotent: \(value.debugDescription)")
        if case .host = normalizer { check(host: value) }
        if case .subdomain = normalizer { check(host: value + ".example.com") }
    }
    if let address = Host.address(text) {
        expect(Host.address(address) == address, "an address has two canonical forms")
        expect(!Host.isName(text), "a text is both an address and a name")
        expect(Host.addressBytes(text) == Host.addressBytes(address), "an address has two values")
    }
    if let pattern = HostPattern(text) {
        expect(pattern.text == text, "a pattern changes its text")
        if Host.isName(text) { expect(pattern.matches(text), "a pattern does not match itself") }
    }
    let canonical = Name.canonical(text)
    expect(Name.canonical(canonical) == canonical, "a name has two canonical forms")
    if (try? Name.check(canonical)) != nil { _ = Name.skeleton(of: canonical) }
}

private func check(host: String) {
    expect(
        Host.isName(host) != (Host.address(host) == host), "a host is neither a name nor an address: \(host)")
    for odd in "@/\\?#%: " where !(odd == ":" && Host.address(host) != nil) {
        expect(!host.contains(odd), "a host has a character that splits an address")
    }
}
