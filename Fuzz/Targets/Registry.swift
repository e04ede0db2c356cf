@testable import VaultRegistry

/// Connector files: what lint finds no error in is a connector, and nothing else is.
@Sendable func fuzzConnector(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let found = Connector.lint(text)
    let lines = text.utf8.count { $0 == 0x0a } + text.utf8.count { $0 == 0x0d } + 3
    for diagnostic in found {
        expect(
            diagnostic.line >= 0 && diagnostic.line <= lines, "a diagnostic names a line that is not there")
    }
    let connector = try? Connector(yaml: text)
    expect((connector == nil) == found.contains { $0.severity == .error }, "lint and reading disagree")
    guard let connector else { return }
    expect((try? Connector(yaml: text)) == connector, "a connector is read otherwise the second time")
    for field in connector.fields {
        expect(connector.field(field.key) != nil, "a field is not found by its key")
        for value in ["", "x", "https://a.example.com/b?c", "1"] {
            _ = connector.normalise([value], for: field)
        }
    }
}

private let normalisers: [Normaliser] = [
    .host, .subdomain("example.com"), .segmentAfter(["pools", "jobs"]), .segment, .path, .upperCase,
    .lowerCase, .port,
    .stripPrefix(["Bearer ", "AppKey "]), .scope, .headerName, .pem("CERTIFICATE"),
]

/// Addresses, hosts, names and the other values that people paste: what was normalized once stays as it is.
@Sendable func fuzzAddress(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let normaliser = normalisers[input.number(upTo: normalisers.count - 1)]
    guard let text = text(input.all()) else { return }
    let trimmed = String(text.trimmed)
    if let value = try? normaliser.apply(trimmed, field: nil) {
        let again = try? normaliser.apply(value, field: nil)
        expect(again == value, "\(normaliser) is not idempotent: \(value.debugDescription)")
        if case .host = normaliser { check(host: value) }
        if case .subdomain = normaliser { check(host: value + ".example.com") }
    }
    if let address = Host.address(text) {
        expect(Host.address(address) == address, "an address has two canonical spellings")
        expect(!Host.isName(text), "a text is both an address and a name")
        expect(Host.addressBytes(text) == Host.addressBytes(address), "an address has two values")
    }
    if let pattern = HostPattern(text) {
        expect(pattern.text == text, "a pattern is not what was written")
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
        expect(!host.contains(odd), "a host has a sign that splits an address")
    }
}
