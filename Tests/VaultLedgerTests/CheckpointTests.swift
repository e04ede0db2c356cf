import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

struct CheckpointTests {
    static let vault = [UInt8](repeating: 0xa5, count: 32)
    static let checkpoint = Checkpoint(vault: vault, size: 8, root: TreeTests.roots[8])

    @Test func `signs the same note as a second implementation, byte for byte`() throws {
        let value = try Construction.read().checkpoint
        var range = CompactRange()
        for entry in value.entries { range.append(TreeHash.leaf(Array(entry.utf8))) }
        let identity = Identity(seed: SecretBytes(copying: hex(value.seed)))
        let checkpoint = Checkpoint(vault: hex(value.vault), size: range.size, root: range.root)
        #expect(checkpoint.signed(by: identity, name: value.signer).encoded == value.note)
        let read = try #require(SignedNote(encoded: value.note))
        #expect(Checkpoint(text: read.text) == checkpoint)
        #expect(read.isSigned(by: value.signer, publicKey: identity.signPublic))
    }

    @Test func `decodes a note, and verifies its signature with this key and name only`() throws {
        let ana = Person("ana")
        let note = Self.checkpoint.signed(by: ana.identity, name: "ana")
        let read = try #require(SignedNote(encoded: note.encoded))
        #expect(read == note)
        #expect(Checkpoint(text: read.text) == Self.checkpoint)
        #expect(read.isSigned(by: "ana", publicKey: ana.identity.signPublic))
        #expect(!read.isSigned(by: "anna", publicKey: ana.identity.signPublic))
        #expect(!read.isSigned(by: "ana", publicKey: Person("ben").identity.signPublic))
        let other = SignedNote(text: note.text + "x", signatures: note.signatures)
        #expect(!other.isSigned(by: "ana", publicKey: ana.identity.signPublic))
    }

    @Test func `verifies each of several signatures`() throws {
        let (ana, ben) = (Person("ana"), Person("ben"))
        let signatures = [ana, ben].flatMap {
            Self.checkpoint.signed(by: $0.identity, name: $0.name).signatures
        }
        let read = try #require(
            SignedNote(encoded: SignedNote(text: Self.checkpoint.text, signatures: signatures).encoded))
        for person in [ana, ben] {
            #expect(read.isSigned(by: person.name, publicKey: person.identity.signPublic))
        }
        let many = SignedNote(
            text: Self.checkpoint.text, signatures: Array(repeating: signatures[0], count: 17))
        #expect(SignedNote(encoded: many.encoded) == nil)
    }

    @Test func `rejects any other text of the same checkpoint`() {
        let root = Base64.encode(TreeTests.roots[8].bytes)
        let origin = Self.checkpoint.origin
        #expect(Checkpoint(text: "\(origin)\n8\n\(root)\n") == Self.checkpoint)
        let vault = Hex.encode(Self.vault)
        let sizes = ["", "08", "+8", "-8", "8 ", "0x8", "18446744073709551616", "9223372036854775808"]
        let texts: [String] = [
            "", "\n\n\n", "\(origin)\n8\n\(root)", "\(origin)\n8\n\(root)\n\n",
            "\(origin)\n8\n\(root)\nmore\n",
            "\(origin)\r\n8\r\n\(root)\r\n", "\(origin)\n8\n\(root.dropLast(4))\n",
            "\(origin)\n8\n\(root.dropLast())\n",
            "\(origin)\n8\n\(root)=\n", "\(origin)00\n8\n\(root)\n", "vault/\n8\n\(root)\n",
            "other/\(vault)\n8\n\(root)\n", "vault/\(vault.uppercased())\n8\n\(root)\n",
        ]
        for text in texts + sizes.map({ "\(origin)\n\($0)\n\(root)\n" }) {
            #expect(Checkpoint(text: text) == nil, "\(text)")
        }
    }

    @Test func `rejects malformed notes`() {
        let good = Self.checkpoint.signed(by: Person("ana").identity, name: "ana").encoded
        let signature = String(good.split(separator: "\n").last!)
        let blob = String(signature.split(separator: " ").last!)
        let text = Self.checkpoint.text
        let notes: [String] = [
            "", "\n", "\n\n", text, text + "\n", String(good.dropLast()), good + "\n", good + "x",
            good + "x\n",
            text + signature + "\n",
        ]
        let lines: [String] = [
            "\(signature) x", String(signature.dropFirst()), "- ana \(blob)", "—  \(blob)", "— a+b \(blob)",
            "— a\u{a0}b \(blob)", "— ana AAAA", "— ana !!!!", "— ana", "\(signature)\r", "\(signature)\u{7}",
            "\(signature)\n\(signature.dropLast())",
        ]
        for note in notes + lines.map({ "\(text)\n\($0)\n" }) {
            #expect(SignedNote(encoded: note) == nil, "\(note)")
        }
        #expect(SignedNote(encoded: "\u{1}\(good)") == nil)
        #expect(SignedNote(encoded: String(repeating: "x", count: 70_000) + "\n\n" + signature + "\n") == nil)
    }

    // case 41
    @Test func `never crashes on mutated notes, and accepts no other text as signed`() {
        let ana = Person("ana")
        let good = Self.checkpoint.signed(by: ana.identity, name: "ana").encoded
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            let text = String(decoding: Array(good.utf8).mutated(using: &generator), as: UTF8.self)
            guard text != good, let note = SignedNote(encoded: text) else { continue }
            guard note.isSigned(by: "ana", publicKey: ana.identity.signPublic) else { continue }
            // The same text and signature, with other signature lines that are ignored.
            #expect(Checkpoint(text: note.text) == Self.checkpoint)
        }
    }

    /// Verifies a C2SP signed note and its checkpoint, written from the specification, with Python's cryptography.
    static let script = """
        import base64, hashlib, sys
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        name, key = sys.argv[1], bytes.fromhex(sys.argv[2])
        note = sys.stdin.buffer.read().decode()
        text, signatures = note.rsplit("\\n\\n", 1)
        text += "\\n"
        assert signatures.endswith("\\n")
        key_id = hashlib.sha256(name.encode() + b"\\n" + b"\\x01" + key).digest()[:4]
        for line in signatures.splitlines():
            dash, who, blob = line.split(" ")
            blob = base64.b64decode(blob, validate=True)
            if dash == "\\u2014" and who == name and blob[:4] == key_id:
                Ed25519PublicKey.from_public_bytes(key).verify(blob[4:], text.encode())
                origin, size, root = text.splitlines()
                print(origin, size, base64.b64decode(root, validate=True).hex())
                sys.exit(0)
        sys.exit("no signature by this key")
        """

    static let hasPython = (try? python("import cryptography", [], ""))?.status == 0

    static func python(_ script: String, _ arguments: [String], _ input: String) throws -> Subprocess.Outcome
    {
        try Subprocess.run("python3", ["-c", script] + arguments, input: input)
    }

    @Test(.enabled(if: hasPython, "skipped: python3 with its cryptography package is not here"))
    func `another implementation of signed notes verifies a head, and no forgery`() throws {
        let ana = Person("ana")
        let note = Self.checkpoint.signed(by: ana.identity, name: "ana").encoded
        let key = Hex.encode(ana.identity.signPublic)
        let verified = try Self.python(Self.script, ["ana", key], note)
        #expect(verified.status == 0)
        #expect(verified.text == "\(Self.checkpoint.origin) 8 \(TreeTests.roots[8].hex)\n")
        let forged = note.replacingOccurrences(of: "\n8\n", with: "\n9\n")
        #expect(try Self.python(Self.script, ["ana", key], forged).status != 0)
        #expect(try Self.python(Self.script, ["ben", key], note).status != 0)
    }
}
