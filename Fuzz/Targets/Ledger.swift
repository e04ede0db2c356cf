import VaultCrypto

@testable import VaultLedger

/// Entries: there is one text of each, and both readers agree, whatever they have read before.
@Sendable func fuzzEntry(_ bytes: [UInt8]) {
    if let json = try? JSON.parse(bytes) {
        expect((try? JSON.parse(json.bytes)) == json, "JSON is read back otherwise than it was written")
    }
    let entry = Entry(bytes: bytes)
    var (fresh, used) = (EntryReader(), EntryReader())
    let facts = fresh.read(bytes)
    _ = used.read(bytes.map { $0 == 0x31 ? 0x32 : $0 })
    expect(used.read(bytes) == facts, "a reader goes by what it read before")
    guard let entry, let facts else {
        return expect(entry == nil && facts == nil, "two readers of an entry disagree")
    }
    expect(entry.bytes == bytes, "an entry is written otherwise than it was read")
    expect(
        facts.seq == entry.seq && facts.time == entry.time && facts.actor == entry.actor
            && facts.action == entry.action && facts.kind == entry.object.kind,
        "two readers read different entries")
    expect(Identifier(hex: entry.operation.hex) == entry.operation, "an identifier is read otherwise")
}

/// Heads: signed notes with a checkpoint, as every transaction ends with one.
@Sendable func fuzzHead(_ bytes: [UInt8]) {
    guard let text = text(bytes), let note = SignedNote(encoded: text) else { return }
    expect(note.encoded == text, "a note is written otherwise than it was read")
    let known = Known.identity()
    if note.isSigned(by: "ana", publicKey: known.signPublic) {
        // Only what the key signed: the corpus has these, by the same key over the same text.
        let expected = Ed25519.verify(
            known.sign(Array(note.text.utf8)), of: Array(note.text.utf8), by: known.signPublic)
        expect(
            expected && note.signatures.contains { $0.bytes == known.sign(Array(note.text.utf8)) },
            "a forged note")
    }
    checkNote(note.text)
    _ = note.cosigned(by: "ana", publicKey: known.signPublic)
    let both = note.adding(
        SignedNote.Signature(name: "bo", keyID: [1, 2, 3, 4], bytes: [UInt8](repeating: 5, count: 64)))
    expect(
        (SignedNote(encoded: both.encoded) == both) == both.fits,
        "a note with one more signature is not read, though it fits")
}

/// Checkpoints: the text that is signed.
@Sendable func fuzzCheckpoint(_ bytes: [UInt8]) {
    guard let text = text(bytes) else { return }
    checkNote(text)
}

private func checkNote(_ text: String) {
    guard let checkpoint = Checkpoint(text: text) else { return }
    expect(checkpoint.text == text, "a checkpoint is written otherwise than it was read")
    let signed = checkpoint.signed(by: Known.identity(), name: "ana")
    expect(SignedNote(encoded: signed.encoded) == signed, "a signed checkpoint is not read back")
    expect(
        signed.isSigned(by: "ana", publicKey: Known.identity().signPublic),
        "a signed checkpoint is not signed")
    expect(
        !signed.isSigned(by: "bo", publicKey: Known.identity().signPublic),
        "a note is signed in another's name")
}

/// Proofs: one entry with its way to a checkpoint.
@Sendable func fuzzProof(_ bytes: [UInt8]) {
    guard let text = text(bytes), let proof = EntryProof(encoded: text) else { return }
    let again = EntryProof(encoded: proof.encoded)
    expect(again == proof, "a proof is read back otherwise")
    guard let proven = try? proof.verified(founderKey: founderKey(of: proof)) else { return }
    expect(
        proven.entry.bytes == proof.steps.last?.entry
            || proof.steps.contains { $0.entry == proven.entry.bytes },
        "what is proven is not in the proof")
    expect(proven.checkpoint.size > proof.index, "an entry is proven beyond the checkpoint")
}

/// The key of the first member that the proof itself names: what is left to check is everything else.
private func founderKey(of proof: EntryProof) -> [UInt8] {
    for step in proof.steps {
        if let key = Entry(bytes: step.entry)?.change.details["member"]?["sign_key"]?.bytes(32) { return key }
    }
    return Known.identity().signPublic
}

/// Requests of new members. The signature is made anew, so that what it covers is reached.
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
            (try? MemberRequest(reading: text, for: Known.vault)) == nil, "a request without a vault was read"
        )
    }
    guard let request = try? MemberRequest(reading: text, for: vault) else { return }
    expect(request.text == text, "a request is written otherwise than it was read")
    let other = vault.map { $0 ^ 1 }
    expect((try? MemberRequest(reading: text, for: other)) == nil, "a request was taken for another vault")
}
