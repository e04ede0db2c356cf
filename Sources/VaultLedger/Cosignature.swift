public import VaultCrypto
import VaultText

// The signature of a witness under a checkpoint: C2SP tlog-cosignature, `cosignature/v1` (Ed25519, type 0x04).
//
// The witness states that, at this time, the checkpoint was the newest of the log that they had seen, and that it was
// consistent with all earlier ones.

/// The cosignature of one witness in a note.
public enum CosignatureStatus: Sendable, Equatable {
    /// There is none.
    case absent
    /// There is a valid cosignature; the newest time if there are several.
    case at(Timestamp)
    /// A line has the name and key ID of the witness, but its signature is invalid.
    case forged
}

extension Checkpoint {
    /// The signature line of a witness.
    ///
    /// - Parameters:
    ///   - witness: The identity of the witness.
    ///   - name: The name of the witness.
    ///   - time: The time of the cosignature; clamped to 1970.
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
    /// The key ID of a witness: the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x04 ‖ public key).
    static func cosignerID(name: String, publicKey: [UInt8]) -> [UInt8] {
        Array(Digest.sha256(Array(name.utf8), [0x0a, 0x04], publicKey).prefix(4))
    }

    /// The cosignature of the witness with this name and key.
    public func cosigned(by name: String, publicKey: [UInt8]) -> CosignatureStatus {
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

    /// This note with one more signature, which replaces an older one by the same key.
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
