public import VaultCrypto
import VaultText

// A witness's signature under somebody else's checkpoint: C2SP tlog-cosignature, `cosignature/v1` (Ed25519, type 0x04).
//
// It says more than that the witness has seen the checkpoint: as of its time, this was the newest of the log that they
// had seen, and it continued all that they had seen before.

/// What a note holds of one witness.
public enum Cosigned: Sendable, Equatable {
    case absent
    /// Signed by their key; of several, the newest time.
    case at(Timestamp)
    /// A line with their name and key id that is not their signature.
    case forged
}

extension Checkpoint {
    /// The signature line of a witness, made at a time; moments before 1970 are taken for it.
    public func cosignature(
        by witness: borrowing Identity, name: String, at time: Timestamp
    ) -> SignedNote.Signature {
        let seconds = UInt64(max(0, time.seconds))
        let signature = witness.sign(SignedNote.cosignedMessage(text, at: seconds))
        return SignedNote.Signature(
            name: name, keyID: SignedNote.cosignerID(name: name, publicKey: witness.signPublic),
            bytes: bigEndian(seconds) + signature)
    }
}

extension SignedNote {
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x04 ‖ public key).
    public static func cosignerID(name: String, publicKey: [UInt8]) -> [UInt8] {
        Array(Digest.sha256(Array(name.utf8), [0x0a, 0x04], publicKey).prefix(4))
    }

    /// Whether a witness of this name and key has signed, and when.
    public func cosigned(by name: String, publicKey: [UInt8]) -> Cosigned {
        let id = Self.cosignerID(name: name, publicKey: publicKey)
        var newest: UInt64?
        for signature in signatures where signature.name.hasSameBytes(as: name) && signature.keyID == id {
            guard signature.bytes.count == 8 + 64 else { return .forged }
            let seconds = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard seconds <= UInt64(Int64.max),
                Ed25519.verify(
                    Array(signature.bytes.dropFirst(8)), of: Self.cosignedMessage(text, at: seconds),
                    by: publicKey)
            else { return .forged }
            newest = max(newest ?? 0, seconds)
        }
        return newest.map { .at(Timestamp(seconds: Int64($0))) } ?? .absent
    }

    /// This note with one more signature, which takes the place of an older one by the same key.
    public func adding(_ signature: Signature) -> SignedNote {
        let others = signatures.filter {
            !$0.name.hasSameBytes(as: signature.name) || $0.keyID != signature.keyID
        }
        return SignedNote(text: text, signatures: others + [signature])
    }

    fileprivate static func cosignedMessage(_ text: String, at seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
    }
}

private func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
}
