import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// Signatures of witnesses under a checkpoint (C2SP tlog-cosignature).
struct CosignatureTests {
    static let time = Timestamp(text: "2026-11-24T08:00:00Z")!
    static let (ana, dan) = (Person("ana"), Person("dan"))

    static func cosigned(_ time: Timestamp = time) -> SignedNote {
        let checkpoint = CheckpointTests.checkpoint
        return checkpoint.signed(by: ana.identity, name: "ana").adding(
            checkpoint.cosignature(by: dan.identity, name: "dan", at: time))
    }

    @Test func `decodes a cosignature beside the signature of the head, with its time`() throws {
        let read = try #require(SignedNote(encoded: Self.cosigned().encoded))
        #expect(read.signatures.count == 2)
        #expect(read.isSigned(by: "ana", publicKey: Self.ana.identity.signPublic))
        #expect(read.cosigned(by: "dan", publicKey: Self.dan.identity.signPublic) == .at(Self.time))
        // The signature of a head is not a cosignature by the same key, nor the reverse.
        #expect(read.cosigned(by: "ana", publicKey: Self.ana.identity.signPublic) == .absent)
        #expect(!read.isSigned(by: "dan", publicKey: Self.dan.identity.signPublic))
        #expect(read.cosigned(by: "dan", publicKey: Self.ana.identity.signPublic) == .absent)
    }

    @Test func `replaces the older line of a witness who signs again`() {
        let later = Timestamp(seconds: Self.time.seconds + 60)
        let again = CheckpointTests.checkpoint.cosignature(by: Self.dan.identity, name: "dan", at: later)
        let note = Self.cosigned().adding(again)
        #expect(note.signatures.count == 2)
        #expect(note.cosigned(by: "dan", publicKey: Self.dan.identity.signPublic) == .at(later))
    }

    // case 47
    @Test func `reports a cosignature as forged if any byte was changed`() throws {
        let note = Self.cosigned()
        let line = note.signatures[1]
        let key = Self.dan.identity.signPublic
        for place in line.bytes.indices {
            var bytes = line.bytes
            bytes[place] ^= 1
            let forged = SignedNote.Signature(name: line.name, keyID: line.keyID, bytes: bytes)
            #expect(note.adding(forged).cosigned(by: "dan", publicKey: key) == .forged, "byte \(place)")
        }
        let short = SignedNote.Signature(name: "dan", keyID: line.keyID, bytes: Array(line.bytes.dropLast()))
        #expect(note.adding(short).cosigned(by: "dan", publicKey: key) == .forged)
        // The same line under another checkpoint is forged too.
        let other = SignedNote(text: note.text.replacing("\n8\n", with: "\n9\n"), signatures: note.signatures)
        #expect(other.cosigned(by: "dan", publicKey: key) == .forged)
    }

    /// Verifies a cosignature, written from the specification, with Python's cryptography.
    static let script = """
        import base64, hashlib, struct, sys
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        name, key = sys.argv[1], bytes.fromhex(sys.argv[2])
        text, signatures = sys.stdin.buffer.read().decode().rsplit("\\n\\n", 1)
        key_id = hashlib.sha256(name.encode() + b"\\n" + b"\\x04" + key).digest()[:4]
        for line in signatures.splitlines():
            dash, who, blob = line.split(" ")
            blob = base64.b64decode(blob, validate=True)
            if who == name and blob[:4] == key_id:
                time, = struct.unpack(">Q", blob[4:12])
                Ed25519PublicKey.from_public_bytes(key).verify(
                    blob[12:], f"cosignature/v1\\ntime {time}\\n{text}\\n".encode())
                print(time)
                sys.exit(0)
        sys.exit("no cosignature by this key")
        """

    @Test(
        .enabled(if: CheckpointTests.hasPython, "skipped: python3 with its cryptography package is not here"))
    func `another implementation verifies a cosignature, and no other key's`() throws {
        let note = Self.cosigned().encoded
        let key = Hex.encode(Self.dan.identity.signPublic)
        let verified = try CheckpointTests.python(Self.script, ["dan", key], note)
        #expect(verified.status == 0 && verified.text == "\(Self.time.seconds)\n")
        #expect(try CheckpointTests.python(Self.script, ["ana", key], note).status != 0)
    }
}
