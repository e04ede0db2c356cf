public import VaultCrypto
import VaultText

/// A request to join a vault, which a new member gives to an admin: the public keys of their identity and their first slot.
///
/// The text is canonical JSON, signed with the new identity over PAE("vault/request", text without `signature`), so that it
/// can't be altered or name another's key (docs/format.md, section 4). It is bound to one vault. It contains no secret: the
/// seed is sealed in the slot.
public struct MemberRequest: Sendable, Equatable {
    /// The ID of the vault, 32 bytes.
    public let vault: [UInt8]
    /// The ID that the member will have.
    public let id: Identifier
    /// The Ed25519 public key, 32 bytes.
    public let signKey: [UInt8]
    /// The X25519 public key, 32 bytes.
    public let receiveKey: [UInt8]
    /// The slot that unlocks the identity.
    public let slot: Slot
    private let signature: [UInt8]

    /// Creates and signs a request.
    ///
    /// - Parameters:
    ///   - vault: The ID of the vault, 32 bytes.
    ///   - id: The ID that the member will have.
    ///   - identity: The identity of the member.
    ///   - slot: The slot that unlocks the identity.
    public init(vault: [UInt8], id: Identifier, identity: borrowing Identity, slot: Slot) {
        self.vault = vault
        self.id = id
        self.slot = slot
        signKey = identity.signPublic
        receiveKey = identity.receivePublic
        signature = identity.sign(
            Self.signed(
                Self.body(vault: vault, id: id, signKey: signKey, receiveKey: receiveKey, slot: slot)))
    }

    /// The text of the file, including the last newline.
    public var text: String {
        var members = body
        members["signature"] = .string(Hex.encode(signature))
        return JSON.object(members).text + "\n"
    }

    /// Parses and verifies a request. Only the fingerprint can show who made it.
    ///
    /// - Parameters:
    ///   - text: The text of the file.
    ///   - vault: The ID of the vault, 32 bytes.
    /// - Throws: `MemberRequestError.malformed` for a text in another form or a receive key of low order, `.altered` for an
    ///   invalid signature or a text that isn't canonical, `.otherVault` for a request for another vault.
    public init(reading text: String, for vault: [UInt8]) throws(MemberRequestError) {
        guard let json = try? JSON.parse(text), json["schema"]?.integer == 1,
            let named = json["vault"]?.bytes(32), let signature = json["signature"]?.bytes(64),
            let id = json["id"]?.identifier,
            let signKey = json["sign_key"]?.bytes(32), let receiveKey = json["receive_key"]?.bytes(32),
            let slot = json["slot"].flatMap({ Slot($0, of: id) })
        else { throw .malformed }
        (self.vault, self.id, self.slot) = (named, id, slot)
        (self.signKey, self.receiveKey, self.signature) = (signKey, receiveKey, signature)
        guard self.text.utf8.elementsEqual(text.utf8),
            Ed25519.verify(signature, of: Self.signed(body), by: signKey)
        else { throw .altered }
        guard named == vault else { throw .otherVault }
        guard Identity.canReceive(at: receiveKey) else { throw .malformed }
    }

    /// The fingerprint of the member, which shows whether the whole request was replaced.
    public var fingerprint: String { MemberRequest.fingerprint(of: signKey) }

    /// The fingerprint of a member: the first 80 bits of SHA-256 of the signing key, in five groups of hexadecimal digits.
    public static func fingerprint(of signKey: [UInt8]) -> String {
        let digits = Array(Hex.encode(Array(Digest.sha256(signKey).prefix(10))))
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }
            .joined(separator: " ")
    }

    private var body: JSON.Members {
        Self.body(vault: vault, id: id, signKey: signKey, receiveKey: receiveKey, slot: slot)
    }

    private static func body(
        vault: [UInt8], id: Identifier, signKey: [UInt8], receiveKey: [UInt8], slot: Slot
    ) -> JSON.Members {
        [
            "id": .string(id.hex), "receive_key": .string(Hex.encode(receiveKey)), "schema": 1,
            "sign_key": .string(Hex.encode(signKey)), "slot": slot.json, "vault": .string(Hex.encode(vault)),
        ]
    }

    private static func signed(_ body: JSON.Members) -> [UInt8] {
        PAE.encode(.text("vault/request"), .bytes(JSON.object(body).bytes))
    }
}

/// Why a text is not a valid request.
public enum MemberRequestError: Error, Sendable, Equatable, Codable {
    /// It is not in the form of a request, or was written by a newer program.
    case malformed
    /// It was changed after it was signed.
    case altered
    /// It is for another vault.
    case otherVault
}

extension Slot {
    fileprivate var json: JSON {
        var json: JSON.Members = [
            "id": .string(Hex.encode(id)), "kind": .string(kind.rawValue), "salt": .string(Hex.encode(salt)),
            "sealed": .string(Hex.encode(blob)),
        ]
        json["memory"] = memory.map { .integer(Int64(clamping: $0)) }
        json["passes"] = passes.map { .integer(Int64(clamping: $0)) }
        return .object(json)
    }

    /// Decodes a slot; `nil` if it is malformed. A passphrase must have a cost within the bounds, and other kinds none.
    fileprivate init?(_ json: JSON, of member: Identifier) {
        guard let id = json["id"]?.bytes(16), let salt = json["salt"]?.bytes(16),
            let kind = json["kind"]?.string.flatMap(SlotKind.init(rawValue:)),
            let sealed = json["sealed"]?.string.flatMap(Hex.decode), Slot.isSealedSeed(sealed)
        else { return nil }
        let memory = json["memory"]?.integer.flatMap(UInt64.init(exactly:))
        let passes = json["passes"]?.integer.flatMap(UInt64.init(exactly:))
        if kind == .passphrase {
            guard let memory, let passes, (try? PassphraseCost(memory: memory, passes: passes)) != nil else {
                return nil
            }
        } else if json["memory"] != nil || json["passes"] != nil {
            return nil
        }
        self.init(
            id: id, member: member.bytes, kind: kind, salt: salt, memory: memory, passes: passes, blob: sealed
        )
    }
}
