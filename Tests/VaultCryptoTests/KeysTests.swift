import TestSupport
import Testing

@testable import VaultCrypto

/// The X25519 points of low order: every key gives the same shared point (RFC 7748, section 7).
let lowOrderPoints = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map { hex($0) }

@Suite struct KeysTests {
    private var key: MasterKey { MasterKey(epoch: 2, key: secretBytes(Sample.key)) }
    private var identity: Identity { Identity(seed: secretBytes([UInt8](repeating: 3, count: 32))) }

    private func grant() throws -> [UInt8] {
        try key.grant(vault: Sample.vault, member: Sample.member, receivePublic: identity.receivePublic)
    }

    private func open(
        _ grant: [UInt8], vault: [UInt8] = Sample.vault, member: [UInt8] = Sample.member, epoch: UInt64 = 2,
        commitment: [UInt8]? = nil, seed: UInt8 = 3
    ) -> Result<[UInt8], BoxError> {
        do throws(BoxError) {
            let opened = try MasterKey.open(
                grant: grant, with: Identity(seed: secretBytes([UInt8](repeating: seed, count: 32))),
                vault: vault,
                member: member, epoch: epoch, commitment: commitment ?? key.commitment)
            #expect(opened.epoch == epoch)
            return .success(opened.withKey { bytes($0) })
        } catch {
            return .failure(error)
        }
    }

    @Test func `a grant opens only for its member, vault and epoch`() throws {
        let grant = try grant()
        #expect(open(grant) == .success(Sample.key))
        #expect(open(grant, vault: Sample.vault.flipping(byte: 0)) == .failure(.notAuthentic))
        #expect(open(grant, member: Sample.member.flipping(byte: 0)) == .failure(.notAuthentic))
        #expect(open(grant, epoch: 3) == .failure(.notAuthentic))
        #expect(open(grant, seed: 4) == .failure(.notAuthentic))
        #expect(try self.grant() != grant, "an ephemeral key was reused")
    }

    // case 1
    @Test func `a grant with any byte changed does not open`() throws {
        let grant = try grant()
        for index in grant.indices { #expect(open(grant.flipping(byte: index)) == .failure(.notAuthentic)) }
        for wrong in [[], Array(grant.dropLast()), grant + [0]] { #expect(open(wrong) == .failure(.format)) }
    }

    @Test func `a grant of a key other than the ledger's is rejected`() throws {
        let other = MasterKey.generate(epoch: 2)
        let grant = try grant()
        #expect(open(grant, commitment: other.commitment) == .failure(.doesNotMatchCommitment))
        #expect(open(grant, commitment: []) == .failure(.doesNotMatchCommitment))
    }

    // case 24
    @Test(arguments: lowOrderPoints) func `points of low order are rejected`(point: [UInt8]) throws {
        #expect(throws: BoxError.lowOrderPoint) {
            try key.grant(vault: Sample.vault, member: Sample.member, receivePublic: point)
        }
        #expect(open(point + (try grant()).dropFirst(32)) == .failure(.lowOrderPoint))
        #expect(!X25519.isUsable(point))
    }

    @Test func `a public key of another length is rejected`() {
        #expect(throws: BoxError.format) {
            try key.grant(vault: Sample.vault, member: Sample.member, receivePublic: [1])
        }
        #expect(!X25519.isUsable([]))
    }

    @Test func `a master key opens the previous key, never the reverse`() throws {
        let next = MasterKey(epoch: 3, key: secretBytes(Sample.otherKey))
        let blob = try next.sealPrevious(key, vault: Sample.vault)
        let old = try next.openPrevious(blob, vault: Sample.vault, commitment: key.commitment)
        #expect(old.epoch == 2 && old.withKey { bytes($0) } == Sample.key)
        #expect(throws: BoxError.notPreviousEpoch) { try key.sealPrevious(next, vault: Sample.vault) }
        #expect(throws: BoxError.notPreviousEpoch) { try next.sealPrevious(next, vault: Sample.vault) }
        let last = MasterKey.generate(epoch: .max)
        #expect(throws: BoxError.notPreviousEpoch) { try key.sealPrevious(last, vault: Sample.vault) }
        let first = MasterKey(epoch: 1, key: secretBytes(Sample.otherKey))
        #expect(Self.previous(first, blob, key.commitment) == .notPreviousEpoch)
    }

    @Test func `the sealed previous key is bound to vault, epoch and commitment`() throws {
        let next = MasterKey(epoch: 3, key: secretBytes(Sample.otherKey))
        let blob = try next.sealPrevious(key, vault: Sample.vault)
        let other = Sample.vault.flipping(byte: 1)
        #expect(Self.previous(next, blob, key.commitment, vault: other) == .notAuthentic)
        #expect(Self.previous(next, blob, next.commitment) == .doesNotMatchCommitment)
        #expect(Self.previous(next, blob.flipping(byte: 90), key.commitment) == .notAuthentic)
        #expect(Self.previous(next, [], key.commitment) == .format)
        let later = MasterKey(epoch: 4, key: secretBytes(Sample.otherKey))
        #expect(Self.previous(later, blob, key.commitment) == .notAuthentic)
        let short = try Seal.seal(
            SecretBytes(count: 31), key: secretBytes(Sample.otherKey), purpose: .epoch,
            aad: PAE.encode(.bytes(Sample.vault), .number(2)))
        #expect(Self.previous(next, short, key.commitment) == .format)
    }

    private static func previous(
        _ key: borrowing MasterKey, _ blob: [UInt8], _ commitment: [UInt8], vault: [UInt8] = Sample.vault
    ) -> BoxError? {
        do throws(BoxError) {
            _ = try key.openPrevious(blob, vault: vault, commitment: commitment)
            return nil
        } catch {
            return error
        }
    }

    @Test func `generated keys differ`() {
        #expect(MasterKey.generate(epoch: 1).commitment != MasterKey.generate(epoch: 1).commitment)
        #expect(Identity.generate().signPublic != Identity.generate().signPublic)
        #expect(Set([key.commitment, key.depositPublic, Sample.key]).count == 3)
        #expect(identity.withSeed { bytes($0) } == [UInt8](repeating: 3, count: 32))
    }

    @Test(arguments: AESGCM.allCases)
    func `opens a test vector of RFC 9180`(cipher: AESGCM) throws {
        // Mode 0, KEM 32, KDF 1, AEAD 2, the first encryption.
        let box = hex(
            "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
                + "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
        )
        let opened = try SealedBox.open(
            box[...],
            with: secretBytes(hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")),
            info: Array("Ode on a Grecian Urn".utf8), aad: Array("Count-0".utf8), cipher: cipher)
        #expect(bytes(opened) == Array("Beauty is truth, truth beauty".utf8))
    }

    @Test func `signatures verify only for their message and key`() {
        let signature = identity.sign([1, 2, 3])
        #expect(Ed25519.verify(signature, of: [1, 2, 3], by: identity.signPublic))
        #expect(!Ed25519.verify(signature, of: [1, 2], by: identity.signPublic))
        #expect(!Ed25519.verify(signature, of: [1, 2, 3], by: Identity.generate().signPublic))
        for index in signature.indices {
            #expect(!Ed25519.verify(signature.flipping(byte: index), of: [1, 2, 3], by: identity.signPublic))
        }
        #expect(!Ed25519.verify([], of: [1, 2, 3], by: identity.signPublic))
        #expect(!Ed25519.verify(signature, of: [1, 2, 3], by: []))
    }

    @Test func `the first two signatures of RFC 8032 verify`() {
        #expect(
            Ed25519.verify(
                hex(
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                        + "d25bf5f0595bbe24655141438e7a100b"), of: [],
                by: hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")))
        #expect(
            Ed25519.verify(
                hex(
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                        + "387b2eaeb4302aeeb00d291612bb0c00"), of: [0x72],
                by: hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")))
    }
}
