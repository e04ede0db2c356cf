import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore

/// Bundles, as given and signed again.
@Sendable func fuzzBundle(_ bytes: [UInt8]) {
    guard let text = text(bytes) else { return }
    if let bundle = try? Bundle(text) { check(bundle) }
    for line in text.split(separator: "\n") {
        guard let json = try? JSON.parse(String(line)), let owner = BundledOwner(json) else { continue }
        check(owner)
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    if lines.last == "" { lines.removeLast() }
    if lines.last?.hasPrefix("{\"signature\"") == true { lines.removeLast() }
    if let first = lines.first, let head = (try? JSON.parse(first)).flatMap(withKnownExporter) {
        lines[0] = head.text
    }
    let signed = lines.map { $0 + "\n" }.joined()
    let digest = Hex.encode(Digest.sha256(Array(signed.utf8)))
    let signature = Known.identity().sign(Array("vault-bundle/v1\n\(digest)\n".utf8))
    let line: JSON = ["signature": .string(Hex.encode(signature))]
    if let bundle = try? Bundle(signed + line.text + "\n") {
        expect(bundle.head.count == bundle.owners.count, "a bundle has a wrong count of owners")
        check(bundle)
        // A bundle that is encoded again decodes to the same owners.
        let again = Bundle.text(bundle.head, bundle.owners, by: Known.identity())
        guard bundle.head.exporter.signKey == Known.identity().signPublic else { return }
        let reread = try? Bundle(again)
        expect(
            reread?.owners.map(\.json) == bundle.owners.map(\.json),
            "a bundle decodes differently after encoding")
    }
}

private func check(_ bundle: Bundle) {
    for owner in bundle.owners { check(owner) }
    let head = Bundle.Head(bundle.head.json)
    expect(head?.json == bundle.head.json, "the head of a bundle decodes differently after encoding")
}

private func check(_ owner: BundledOwner) {
    let again = BundledOwner(owner.json)
    expect(again?.json == owner.json, "an owner of a bundle decodes differently after encoding")
    expect(
        again?.aad("app-key", from: [1]) == owner.aad("app-key", from: [1]),
        "the settings digest of an owner changes after encoding")
}

/// The head with the known key as the exporter's.
private func withKnownExporter(_ json: JSON) -> JSON? {
    guard case .object(var head) = json, case .object(var exporter)? = head["exporter"] else { return nil }
    exporter["sign_key"] = .string(Hex.encode(Known.identity().signPublic))
    head["exporter"] = .object(exporter)
    return .object(head)
}
