public import VaultCrypto

/// What a new member hands to an admin: the public half of an identity that they made themselves, and their first slot.
///
/// One JSON object in canonical text. It is signed with the identity's own key, over
/// `PAE("vault/request", text without "signature")`, so that whoever alters it on its way breaks it, and nobody can hand
/// in a key that is not theirs. It is bound to one vault. Nothing in it is secret: the seed is sealed in the slot.
public struct MemberRequest: Sendable, Equatable {
    /// The vault's id, 32 bytes.
    public let vault: [UInt8]
    public let id: Identifier
    public let signKey: [UInt8]
    public let receiveKey: [UInt8]
    public let slot: Slot
    private let signature: [UInt8]

    /// Why a text is no request that can be taken.
    public enum Misfit: Error, Sendable, Equatable, Codable {
        /// It is none, or one of a newer program.
        case malformed
        /// Somebody changed it after it was signed.
        case altered
        /// It is for another vault.
        case otherVault
    }

    /// Asks to join `vault` with an identity that `slot` unlocks.
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

    /// The file's text, its last newline included.
    public var text: String {
        var members = body
        members["signature"] = .string(Hex.encode(signature))
        return JSON.object(members).text + "\n"
    }

    /// Reads a request and checks it as far as anybody can who does not know the new member.
    public init(reading text: String, for vault: [UInt8]) throws(Misfit) {
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

    /// What two people compare who want to be sure that the request was not replaced as a whole: 80 bits of the hash
    /// of the signing key, which vouches for the rest.
    public var fingerprint: String { MemberRequest.fingerprint(of: signKey) }

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

    /// Nil for what no slot is; a passphrase must have a cost within the bounds, and nothing else one (case 13).
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
