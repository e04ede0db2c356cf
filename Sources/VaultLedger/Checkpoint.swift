public import VaultCrypto
import VaultText

/// The size and root of a ledger: a C2SP tlog-checkpoint (docs/format.md, section 8).
public struct Checkpoint: Sendable, Equatable {
    /// The ID of the vault, 32 bytes.
    public let vault: [UInt8]
    /// The number of entries.
    public let size: UInt64
    /// The root of the tree over the entries.
    public let root: Hash

    /// Creates a checkpoint.
    public init(vault: [UInt8], size: UInt64, root: Hash) {
        self.vault = vault
        self.size = size
        self.root = root
    }

    /// The origin line: `vault/` and the vault's ID in hexadecimal.
    public var origin: String { "vault/" + Hex.encode(vault) }

    /// The text that is signed: three lines, including the last newline.
    public var text: String { origin + "\n" + String(size) + "\n" + Base64.encode(root.bytes) + "\n" }

    /// Parses the text of a checkpoint.
    ///
    /// - Returns: `nil` for any text that `text` would not produce, for example with another form of origin, extension lines
    ///   or a size above 2^63 - 1.
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

    /// The checkpoint as a note that one member signs.
    public func signed(by identity: borrowing Identity, name: String) -> SignedNote {
        let message = text
        let signature = identity.sign(Array(message.utf8))
        let id = SignedNote.keyID(name: name, publicKey: identity.signPublic)
        return SignedNote(text: message, signatures: [.init(name: name, keyID: id, bytes: signature)])
    }
}

/// A text with Ed25519 signatures: a C2SP signed-note.
public struct SignedNote: Sendable, Equatable {
    /// The text that is signed, including its last newline.
    public let text: String
    /// The signatures in the order of their lines.
    public let signatures: [Signature]

    /// A signature line.
    public struct Signature: Sendable, Equatable {
        /// The name of the signer.
        public let name: String
        /// The key ID, 4 bytes.
        public let keyID: [UInt8]
        /// The signature, 64 bytes for signature type 0x01.
        public let bytes: [UInt8]

        /// Creates a signature line.
        public init(name: String, keyID: [UInt8], bytes: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// Creates a note.
    public init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// The key ID of a signer: the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
    public static func keyID(name: String, publicKey: [UInt8]) -> [UInt8] {
        Array(Digest.sha256(Array(name.utf8), [0x0a, 0x01], publicKey).prefix(4))
    }

    /// The note as text: the signed text, an empty line, and the signature lines.
    public var encoded: String {
        signatures.reduce(into: text + "\n") { note, signature in
            note += "— " + signature.name + " " + Base64.encode(signature.keyID + signature.bytes) + "\n"
        }
    }

    static let maximumSignatures = 16
    static let maximumBytes = 65_536

    /// Whether the note is within the limits of `init(encoded:)`, which added signatures can exceed.
    public var fits: Bool {
        signatures.count <= Self.maximumSignatures && encoded.utf8.count <= Self.maximumBytes
    }

    /// Parses a note.
    ///
    /// - Returns: `nil` if a signature line is malformed, if there are none or more than 16, if a name contains white space or
    ///   `+`, if there is a control character, or if the note is larger than 65,536 bytes.
    public init?(encoded: String) {
        let bytes = Array(encoded.utf8)
        guard bytes.count <= Self.maximumBytes, bytes.last == 0x0a,
            bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }),
            let gap = (1..<max(1, bytes.count)).last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a })
        else { return nil }
        let lines = bytes[(gap + 1)...].split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.count > 1, lines.count <= Self.maximumSignatures + 1 else { return nil }
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

    /// Whether one of the signatures is by this name and key, and valid.
    public func isSigned(by name: String, publicKey: [UInt8]) -> Bool {
        let id = Self.keyID(name: name, publicKey: publicKey)
        return signatures.contains { signature in
            signature.name.hasSameBytes(as: name) && signature.keyID == id
                && Ed25519.verify(signature.bytes, of: Array(text.utf8), by: publicKey)
        }
    }
}
