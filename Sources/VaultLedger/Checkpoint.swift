public import VaultCrypto
import VaultText

/// The head of the ledger at one moment, as a C2SP tlog-checkpoint: origin, size, root.
public struct Checkpoint: Sendable, Equatable {
    public let vault: [UInt8]
    public let size: UInt64
    public let root: Hash

    public init(vault: [UInt8], size: UInt64, root: Hash) {
        self.vault = vault
        self.size = size
        self.root = root
    }

    /// `vault/` and the vault's identifier in hexadecimal.
    public var origin: String { "vault/" + Hex.encode(vault) }

    /// The text that is signed; three lines, the last newline included.
    public var text: String { origin + "\n" + String(size) + "\n" + Base64.encode(root.bytes) + "\n" }

    /// Nil for another origin's form, another number of lines (extension lines are not used here), a size that no
    /// ledger can have, and any text that is not the one of its checkpoint to the byte.
    public init?(text: String) {
        let lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map(Substring.init)
        guard lines.count == 4, lines[3].isEmpty, lines[0].hasPrefix("vault/"),
            let vault = Hex.decode(lines[0].dropFirst("vault/".count)), vault.count == 32,
            let size = UInt64(lines[1]), size <= UInt64(Int64.max),
            let bytes = Base64.decode(String(lines[2])), let root = Hash(bytes)
        else { return nil }
        self.init(vault: vault, size: size, root: root)
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// The checkpoint as a note, signed by one member.
    public func signed(by identity: borrowing Identity, name: String) -> SignedNote {
        let message = text
        let signature = identity.sign(Array(message.utf8))
        let id = SignedNote.keyID(name: name, publicKey: identity.signPublic)
        return SignedNote(text: message, signatures: [.init(name: name, keyID: id, bytes: signature)])
    }
}

/// A text with signatures under it, as C2SP signed-note has it, signature type 1 (Ed25519).
public struct SignedNote: Sendable, Equatable {
    public let text: String
    public let signatures: [Signature]

    public struct Signature: Sendable, Equatable {
        public let name: String
        public let keyID: [UInt8]
        public let bytes: [UInt8]

        public init(name: String, keyID: [UInt8], bytes: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    public init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
    public static func keyID(name: String, publicKey: [UInt8]) -> [UInt8] {
        Array(Digest.sha256(Array(name.utf8), [0x0a, 0x01], publicKey).prefix(4))
    }

    public var encoded: String {
        signatures.reduce(into: text + "\n") { note, signature in
            note += "— " + signature.name + " " + Base64.encode(signature.keyID + signature.bytes) + "\n"
        }
    }

    static let mostSignatures = 16
    static let mostBytes = 65_536

    /// Whether a reader takes the note: one that was read stops doing so when too many signatures are added to it.
    public var fits: Bool {
        signatures.count <= Self.mostSignatures && encoded.utf8.count <= Self.mostBytes
    }

    /// Splits a note at its last empty line; nil when a signature line is malformed or there is none, when a name
    /// has a space or a plus sign, and for control characters.
    public init?(encoded: String) {
        let bytes = Array(encoded.utf8)
        guard bytes.count <= Self.mostBytes, bytes.last == 0x0a,
            bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }),
            let gap = (1..<max(1, bytes.count)).last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a })
        else { return nil }
        let lines = bytes[(gap + 1)...].split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.count > 1, lines.count <= Self.mostSignatures + 1 else { return nil }
        var signatures: [Signature] = []
        for line in lines.dropLast() {
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].elementsEqual("—".utf8) else { return nil }
            let (name, code) = (
                String(decoding: parts[1], as: UTF8.self), String(decoding: parts[2], as: UTF8.self)
            )
            guard Self.isName(name), let blob = Base64.decode(code), blob.count > 4 else { return nil }
            signatures.append(
                Signature(name: name, keyID: Array(blob.prefix(4)), bytes: Array(blob.dropFirst(4))))
        }
        self.init(text: String(decoding: bytes[..<gap], as: UTF8.self), signatures: signatures)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains { $0 == "+" || $0.properties.isWhitespace }
    }

    /// Whether one of the signatures is by this key under this name.
    public func isSigned(by name: String, publicKey: [UInt8]) -> Bool {
        let id = Self.keyID(name: name, publicKey: publicKey)
        return signatures.contains { signature in
            signature.name.hasSameBytes(as: name) && signature.keyID == id
                && Ed25519.verify(signature.bytes, of: Array(text.utf8), by: publicKey)
        }
    }
}
