import VaultMemory

@testable import VaultCrypto

private let aad: [UInt8] = Array("fuzz".utf8)

/// Sealed blobs and deposits: only what was sealed opens, and a malformed blob is rejected before any cryptography.
@Sendable func fuzzBlob(_ bytes: [UInt8]) {
    checkUnsealed(bytes)
    var input = Input(bytes)
    let mode = input.byte()
    let salt = input.bytes(padded: 32)
    let flip = input.number(upTo: 65_535)
    let message = input.all()
    checkRoundTrip(message, salt: salt, flip: flip, bit: mode & 7)
    checkDeposit(bytes)
}

/// Checks that bytes which were not sealed under the key don't open.
private func checkUnsealed(_ blob: [UInt8]) {
    do throws(SealError) {
        _ = try Seal.open(blob, key: Known.secret(), purpose: .secret, aad: aad)
        expect(false, "a blob opened that was never sealed")
    } catch {
        if case .notAuthentic = error {
            expect(Seal.isWellFormed(blob), "a malformed blob reached the cryptography")
        } else {
            expect(!Seal.isWellFormed(blob), "a well-formed blob was rejected as malformed: \(error)")
        }
    }
}

private func checkRoundTrip(_ message: [UInt8], salt: [UInt8], flip: Int, bit: UInt8) {
    guard
        var blob = try? Seal.seal(
            SecretBytes(copying: message), key: Known.secret(), purpose: .secret, aad: aad, salt: salt)
    else { return expect(message.count > Seal.maximumMessage, "a message can't be sealed") }
    expect(Seal.isWellFormed(blob), "a sealed blob is not well-formed")
    let opened = try? Seal.open(blob, key: Known.secret(), purpose: .secret, aad: aad)
    expect(holds(opened, message), "a blob opens to another message")
    blob[flip % blob.count] ^= 1 << bit
    let altered = try? Seal.open(blob, key: Known.secret(), purpose: .secret, aad: aad)
    expect(altered == nil, "an altered blob opened")
}

private func checkDeposit(_ blob: [UInt8]) {
    let address = SecretAddress(
        vault: Known.vault, owner: Known.member, field: "f", version: 1, epoch: 1, settingsDigest: Known.key)
    let isOpen =
        (try? Deposit.open(blob, address: address, masterKey: MasterKey(epoch: 1, key: Known.secret())))
        != nil
    expect(!isOpen, "a deposit opened that was never made")
    _ = Deposit.isWellFormed(blob)
}

/// Slots from a file, and recovery codes as typed by a user.
@Sendable func fuzzSlot(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let kinds: [SlotKind] = [.keyFile, .recovery, .passphrase]
    let (kind, shape) = (kinds[input.number(upTo: 2)], input.byte())
    let salt = shape & 1 == 0 ? input.bytes(padded: 16) : input.bytes(input.number(upTo: 40))
    let memory: UInt64? = shape & 2 == 0 ? nil : number(&input)
    let passes: UInt64? = shape & 4 == 0 ? nil : number(&input)
    let blob = input.all()
    checkCode(blob)
    if kind == .passphrase, let memory, let passes,
        (try? PassphraseCost(memory: memory, passes: passes)) != nil
    {
        return  // The derivation would take too long.
    }
    let slot = Slot(
        id: Known.member, member: Known.member, kind: kind, salt: salt, memory: memory, passes: passes,
        blob: blob)
    let isOpen = (try? slot.open(with: Known.secret(), vault: Known.vault)) != nil
    expect(!isOpen, "a slot opened that was never made")
    expect(!Slot.isSealedSeed(blob) || Seal.isWellFormed(blob), "a sealed seed is not a well-formed blob")
    checkMade(kind, salt)
}

private func number(_ input: inout Input) -> UInt64 {
    input.bytes(padded: 8).reduce(0) { $0 << 8 | UInt64($1) }
}

private func checkMade(_ kind: SlotKind, _ salt: [UInt8]) {
    guard kind != .passphrase, salt.count == 16 else { return }
    let made = try? Slot.make(
        kind: kind, for: Known.identity(), vault: Known.vault, member: Known.member, with: Known.secret(),
        cost: .floor, id: Known.member, salt: salt, sealSalt: Known.key)
    guard let made else { return expect(false, "a slot can't be made") }
    let opened = (try? made.open(with: Known.secret(), vault: Known.vault))?.signPublic
    expect(opened == Known.identity().signPublic, "a slot opens to another identity")
}

private func checkCode(_ bytes: [UInt8]) {
    guard let code = try? RecoveryCode.parse(SecretBytes(copying: bytes)) else { return }
    let again = try? RecoveryCode.parse(RecoveryCode.text(of: code))
    let expected = unsafe code.withUnsafeBytes { unsafe Array($0) }
    expect(holds(again, expected), "a recovery code parses differently after formatting")
}

private func holds(_ secret: consuming SecretBytes?, _ bytes: [UInt8]) -> Bool {
    guard let secret else { return false }
    return SecretBytes.equal(secret, SecretBytes(copying: bytes))
}
