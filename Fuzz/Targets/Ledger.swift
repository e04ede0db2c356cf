import VaultCrypto
import VaultText

@testable import VaultLedger

/// Entries and JSON: each value has one text.
@Sendable func fuzzEntry(_ bytes: [UInt8]) {
    if let json = try? JSON.parse(bytes) {
        expect((try? JSON.parse(json.bytes)) == json, "JSON parses differently after writing")
    }
    guard let facts = EntryFacts(bytes: bytes) else { return }
    guard let entry = Entry(facts) else { return expect(false, "an accepted entry can't be decoded") }
    expect(entry.bytes == bytes, "an entry is encoded differently than it was decoded")
    expect((try? JSON.parse(bytes))?.bytes == bytes, "an entry is not canonical JSON")
    expect(
        facts.versions == (entry.change.state?.secrets ?? []).map(SealedVersion.init),
        "the versions of an entry are not those of its state")
    expect(
        Identifier(hex: entry.operation.hex) == entry.operation, "an ID parses differently after formatting")
}

/// Heads: the signed note that each transaction ends with.
@Sendable func fuzzHead(_ bytes: [UInt8]) {
    guard let text = text(bytes), let note = SignedNote(encoded: text) else { return }
    expect(note.encoded == text, "a note is encoded differently than it was decoded")
    let known = Known.identity()
    if note.isSigned(by: "ana", publicKey: known.signPublic) {
        // The corpus contains notes that this key signed. No other signature may be valid.
        let expected = Ed25519.verify(
            known.sign(Array(note.text.utf8)), of: Array(note.text.utf8), by: known.signPublic)
        expect(
            expected && note.signatures.contains { $0.bytes == known.sign(Array(note.text.utf8)) },
            "a forged signature was accepted")
    }
    checkNote(note.text)
    _ = note.cosigned(by: "ana", publicKey: known.signPublic)
    let both = note.adding(
        SignedNote.Signature(name: "bo", keyID: [1, 2, 3, 4], bytes: [UInt8](repeating: 5, count: 64)))
    expect(
        (SignedNote(encoded: both.encoded) == both) == both.fits,
        "a note with one more signature is within the limits, but is rejected")
}

/// Checkpoints: the signed text of a head.
@Sendable func fuzzCheckpoint(_ bytes: [UInt8]) {
    guard let text = text(bytes) else { return }
    checkNote(text)
}

private func checkNote(_ text: String) {
    guard let checkpoint = Checkpoint(text: text) else { return }
    expect(checkpoint.text == text, "a checkpoint is encoded differently than it was decoded")
    let signed = checkpoint.signed(by: Known.identity(), name: "ana")
    expect(
        SignedNote(encoded: signed.encoded) == signed,
        "a signed checkpoint decodes differently after encoding")
    expect(
        signed.isSigned(by: "ana", publicKey: Known.identity().signPublic),
        "the signature of a checkpoint is rejected")
    expect(
        !signed.isSigned(by: "bo", publicKey: Known.identity().signPublic),
        "a signature is accepted under another name")
}

/// Proofs of entries.
@Sendable func fuzzProof(_ bytes: [UInt8]) {
    guard let text = text(bytes), let proof = EntryProof(encoded: text) else { return }
    let again = EntryProof(encoded: proof.encoded)
    expect(again == proof, "a proof decodes differently after encoding")
    guard let proven = try? proof.verified(founderKey: founderKey(of: proof)) else { return }
    expect(
        proven.entry.bytes == proof.steps.last?.entry
            || proof.steps.contains { $0.entry == proven.entry.bytes },
        "the proven entry is not in the proof")
    expect(proven.checkpoint.size > proof.index, "an entry beyond the checkpoint is proven")
}

/// The key of the first member that the proof itself names, so that everything else is checked.
private func founderKey(of proof: EntryProof) -> [UInt8] {
    for step in proof.steps {
        if let key = Entry(bytes: step.entry)?.change.details["member"]?["sign_key"]?.bytes(32) { return key }
    }
    return Known.identity().signPublic
}

/// Requests of new members, as given and signed again.
@Sendable func fuzzRequest(_ bytes: [UInt8]) {
    guard let text = text(bytes) else { return }
    check(request: text)
    guard case .object(var members)? = try? JSON.parse(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    else { return }
    members["signature"] = nil
    members["sign_key"] = .string(Hex.encode(Known.identity().signPublic))
    let signed = PAE.encode(.text("vault/request"), .bytes(JSON.object(members).bytes))
    members["signature"] = .string(Hex.encode(Known.identity().sign(signed)))
    check(request: JSON.object(members).text + "\n")
}

private func check(request text: String) {
    guard let json = try? JSON.parse(String(text.dropLast())), let vault = json["vault"]?.bytes(32) else {
        return expect(
            (try? MemberRequest(reading: text, for: Known.vault)) == nil,
            "a request without a vault was accepted"
        )
    }
    guard let request = try? MemberRequest(reading: text, for: vault) else { return }
    expect(request.text == text, "a request is encoded differently than it was decoded")
    let other = vault.map { $0 ^ 1 }
    expect((try? MemberRequest(reading: text, for: other)) == nil, "a request for another vault was accepted")
}
