import TestSupport
import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// The valid and invalid proofs that transparency-dev/merkle publishes.
///
/// `Hash` can't represent a hash that isn't 32 bytes, so a case with one must be invalid. The exception is a case with two
/// equal sizes, which only compares the roots: there, the SHA-256 of the value replaces it.
struct ProofVectorTests {
    struct Inclusion: Decodable {
        let desc: String
        let leafHash: String
        let leafIdx: UInt64
        let proof: [String]?
        let root: String
        let treeSize: UInt64
        let wantErr: Bool
    }

    struct Consistency: Decodable {
        let desc: String
        let proof: [String]?
        let root1: String
        let root2: String
        let size1: UInt64
        let size2: UInt64
        let wantErr: Bool
    }

    @Test func `verifies published inclusion proofs`() throws {
        let cases = try Vectors.lines("rfc6962-inclusion.jsonl", as: Inclusion.self)
        #expect(cases.count == 98)
        for proof in cases {
            let isAccepted: Bool
            if let leaf = decoded(proof.leafHash), let root = decoded(proof.root),
                let path = decoded(proof.proof)
            {
                isAccepted =
                    (try? Proof.checkInclusion(
                        of: leaf, at: proof.leafIdx, size: proof.treeSize, path: path, root: root)) != nil
            } else {
                isAccepted = false
            }
            #expect(isAccepted == !proof.wantErr, "\(proof.desc)")
        }
    }

    @Test func `verifies published consistency proofs`() throws {
        let cases = try Vectors.lines("rfc6962-consistency.jsonl", as: Consistency.self)
        #expect(cases.count == 98)
        for proof in cases {
            let isAccepted: Bool
            let isSame = proof.size1 == proof.size2
            if let root1 = decoded(proof.root1, isAny: isSame),
                let root2 = decoded(proof.root2, isAny: isSame),
                let path = decoded(proof.proof)
            {
                isAccepted =
                    (try? Proof.checkConsistency(
                        from: proof.size1, root1: root1, to: proof.size2, root2: root2, path: path)) != nil
            } else {
                isAccepted = false
            }
            #expect(isAccepted == !proof.wantErr, "\(proof.desc)")
        }
    }

    private func decoded(_ text: String, isAny: Bool = false) -> Hash? {
        guard let bytes = Base64.decode(text) else { return nil }
        return Hash(bytes) ?? (isAny ? Hash(Digest.sha256(bytes)) : nil)
    }

    private func decoded(_ path: [String]?) -> [Hash]? {
        let hashes = (path ?? []).compactMap { decoded($0) }
        return hashes.count == (path ?? []).count ? hashes : nil
    }
}
