import TestSupport
import Testing
import VaultText

@testable import VaultCrypto

/// Test vectors of a second implementation of docs/format.md.
@Suite struct ConstructionTests {
    let values: Construction

    init() throws { values = try Vectors.decode("construction.json") }

    @Test func `pre-authentication encodings match`() {
        #expect(values.pae.count == 5)
        for value in values.pae { #expect(PAE.encode(value.of.map(\.piece)) == hex(value.is)) }
    }

    @Test func `key derivations match`() {
        let derivations: [String: Derivation] = [
            "vault/secret": Seal.Purpose.secret.derivation, "vault/sign": .sign, "vault/deposit": .deposit,
        ]
        for value in values.derive {
            let key = hex(value.key)
            var out = [UInt8](repeating: 0, count: value.n)
            unsafe out.withUnsafeMutableBytes { out in
                unsafe hex(value.data).withUnsafeBytes { data in
                    unsafe derivations[value.purpose]!.derive(into: out, key: key, data: data)
                }
            }
            #expect(out == hex(value.out))
        }
    }

    @Test(arguments: AESGCM.allCases) func `seals match for each AES`(cipher: AESGCM) throws {  // case 11
        try #require(cipher == .portable || CryptoPlatform.hasHardwareAES)
        for value in values.seal {
            let blob = try Seal.seal(
                secretBytes(hex(value.message)), key: secretBytes(hex(value.key)), purpose: .secret,
                aad: hex(value.aad),
                salt: hex(value.salt), cipher: cipher)
            #expect(blob == hex(value.blob))
            let opened = try Seal.open(
                blob, key: secretBytes(hex(value.key)), purpose: .secret, aad: hex(value.aad), cipher: cipher)
            #expect(bytes(opened) == hex(value.message))
        }
    }

    @Test func `invalid seals are rejected`() {
        for value in values.seal_refused {
            let result = open(hex(value.blob), key: hex(value.key), aad: hex(value.aad))
            switch (value.error, result) {
            case ("format", .failure(.format)), ("not authentic", .failure(.notAuthentic)): break
            default: Issue.record("\(value.why ?? ""): \(result)")
            }
        }
    }

    @Test func `public keys of an identity match`() {
        let identity = Identity(seed: secretBytes(hex(values.identity.seed)))
        #expect(identity.signPublic == hex(values.identity.sign_public))
        #expect(identity.receivePublic == hex(values.identity.receive_public))
    }

    @Test func `slots match and open`() throws {
        for value in [values.slot_passphrase, values.slot_key_file] {
            let identity = Identity(seed: secretBytes(hex(values.identity.seed)))
            let credential = value.passphrase.map { Array($0.utf8) } ?? hex(value.file!)
            let slot = try Slot.make(
                kind: value.passphrase == nil ? .keyFile : .passphrase, for: identity,
                vault: hex(value.vault),
                member: hex(value.member), with: secretBytes(credential), cost: .floor, id: hex(value.slot),
                salt: hex(value.salt), sealSalt: hex(value.seal_salt))
            #expect(slot.memory == value.memory && slot.passes == value.passes)
            #expect(slot.aad(vault: hex(value.vault)) == hex(value.aad))
            let key = try slot.key(from: secretBytes(credential))
            #expect(bytes(key) == hex(value.kek))
            #expect(slot.blob == hex(value.blob))
            let opened = try slot.open(with: secretBytes(credential), vault: hex(value.vault))
            #expect(opened.signPublic == identity.signPublic)
        }
    }

    @Test func `master keys and grants match`() throws {
        let (master, grant) = (values.master, values.grant)
        let key = MasterKey(epoch: master.epoch, key: secretBytes(hex(master.key)))
        #expect(key.commitment == hex(master.commitment))
        #expect(key.depositPublic == hex(master.deposit_public))
        let next = MasterKey(epoch: master.epoch + 1, key: secretBytes(hex(master.next_key)))
        let blob = try next.sealPrevious(key, vault: hex(grant.vault), salt: hex(master.seal_salt))
        #expect(blob == hex(master.sealed_under_next))
        let info = MasterKey.grantInfo(vault: hex(grant.vault), member: hex(grant.member), epoch: grant.epoch)
        #expect(info == hex(grant.info))
        let opened = try MasterKey.open(
            grant: hex(grant.sealed), with: Identity(seed: secretBytes(hex(grant.with_seed))),
            vault: hex(grant.vault), member: hex(grant.member), epoch: grant.epoch, commitment: key.commitment
        )
        #expect(opened.withKey { bytes($0) } == hex(grant.opens_to))
    }

    @Test func `a secret and its settings digest match`() throws {
        let value = values.secret
        let settings = value.settings.filter { $0.key != "name" }.map {
            (key: $0.key, value: $0.value.piece)
        }
        guard case .text(let name)? = value.settings["name"] else { throw CancellationError() }
        let digest = SettingsDigest.of(connector: value.connector, name: name, settings: settings)
        #expect(digest == hex(value.settings_digest))
        #expect(value.address.aad == hex(value.aad))
        let blob = try Seal.seal(
            secretBytes(value.message), key: secretBytes(hex(value.key)), purpose: .secret,
            aad: value.address.aad,
            salt: hex(value.seal_salt))
        #expect(blob == hex(value.blob))
    }

    @Test func `a deposit opens`() throws {
        #expect(Deposit.info(values.secret.address) == hex(values.deposit.info))
        let key = MasterKey(epoch: 1, key: secretBytes(hex(values.deposit.master_key)))
        let opened = try Deposit.open(
            hex(values.deposit.blob), address: values.secret.address, masterKey: key)
        #expect(bytes(opened) == Array(values.deposit.opens_to.utf8))
    }

    @Test func `Merkle tree roots match`() {
        for tree in values.tree where !tree.entries.isEmpty {
            #expect(Self.root(tree.entries.map { Array($0.utf8) }[...]).hex == tree.root)
        }
    }

    @Test func `the signature of a checkpoint matches`() throws {
        let lines = values.checkpoint.note.split(separator: "\n", omittingEmptySubsequences: false)
        let body = lines.prefix { !$0.isEmpty }.joined(separator: "\n") + "\n"
        let last = try #require(lines.last { !$0.isEmpty }?.split(separator: " ").last)
        let signature = Array(try #require(Base64.decode(last)).dropFirst(4))
        let identity = Identity(seed: secretBytes(hex(values.checkpoint.seed)))
        #expect(identity.sign(Array(body.utf8)) == signature)
        #expect(Ed25519.verify(signature, of: Array(body.utf8), by: identity.signPublic))
    }

    private static func root(_ entries: ArraySlice<[UInt8]>) -> Hash {
        if entries.count == 1 {
            return unsafe entries.first!.withUnsafeBytes { unsafe Digest.sha256(prefix: 0, $0) }
        }
        var half = 1
        while half * 2 < entries.count { half *= 2 }
        let left = root(entries.prefix(half))
        return Digest.sha256(prefix: 1, left: left, right: root(entries.dropFirst(half)))
    }
}

/// The parts of `construction.json`, with its names.
struct Construction: Decodable {
    struct Encoding: Decodable { var of: [Node], `is`: String }
    struct Derived: Decodable { var key, purpose, data, out: String, n: Int }
    struct Sealed: Decodable { var key, aad, salt, message, blob: String, why, error: String? }
    struct Seeds: Decodable { var seed, sign_public, receive_public: String }
    struct SlotValue: Decodable {
        var vault, member, slot, salt, kek, aad, seal_salt, blob: String
        var passphrase, file: String?
        var memory, passes: UInt64?
    }
    struct Master: Decodable {
        var key, commitment, deposit_public, sealed_under_next, next_key, seal_salt: String
        var epoch: UInt64
    }
    struct Grant: Decodable { var vault, member, info, sealed, opens_to, with_seed: String, epoch: UInt64 }
    struct Secret: Decodable {
        var connector, settings_digest, vault, owner, field, aad, key, seal_salt, message, blob: String
        var settings: [String: Node]
        var version, epoch: UInt64

        var address: SecretAddress {
            SecretAddress(
                vault: hex(vault), owner: hex(owner), field: field, version: version, epoch: epoch,
                settingsDigest: hex(settings_digest))
        }
    }
    struct DepositValue: Decodable { var info, master_key, blob, opens_to: String }
    struct Tree: Decodable { var entries: [String], root: String }
    struct Checkpoint: Decodable { var seed, note: String }

    var pae: [Encoding]
    var derive: [Derived]
    var seal, seal_refused: [Sealed]
    var identity: Seeds
    var slot_passphrase, slot_key_file: SlotValue
    var master: Master
    var grant: Grant
    var secret: Secret
    var deposit: DepositValue
    var tree: [Tree]
    var checkpoint: Checkpoint
}

/// A string, a number, or a list of these.
enum Node: Decodable {
    case text(String)
    case number(UInt64)
    case list([Node])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(UInt64.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try value.decode([Node].self))
        }
    }

    var piece: PAE.Piece {
        switch self {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .list(let items): .list(items.map(\.piece))
        }
    }
}
