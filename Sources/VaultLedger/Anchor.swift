import VaultCrypto
import VaultText

/// What a user's machine remembers of a verified ledger outside the vault's file (docs/format.md, section 12).
public struct Anchor: Sendable, Equatable {
    /// The ID of the vault, 32 bytes.
    public let vault: [UInt8]
    /// The verified tree.
    public let range: CompactRange
    /// The state after the verified entries.
    public let state: LedgerState
    /// The Ed25519 public key of the founder, 32 bytes.
    public let founderKey: [UInt8]
    /// When this user last saw the ledger grow.
    public let seen: Timestamp

    /// Creates an anchor.
    public init(vault: [UInt8], range: CompactRange, state: LedgerState, founderKey: [UInt8], seen: Timestamp)
    {
        self.vault = vault
        self.range = range
        self.state = state
        self.founderKey = founderKey
        self.seen = seen
    }

    var json: JSON {
        var json: JSON.Members = [
            "connectors": .object(
                JSON.Members(state.connectors.map { ($0.key, .string(Hex.encode($0.value))) })),
            "founder_key": .string(Hex.encode(founderKey)),
            "members": .array(state.members.map { Self.json($0, newest: state.newest[$0.id]) }),
            "peaks": .array(range.peaks.map { .string(Hex.encode($0.bytes)) }),
            "root": .string(Hex.encode(range.root.bytes)),
            "schema": 1,
            "seen": .string(seen.text),
            "size": .integer(Int64(range.size)),
            "vault": .string(Hex.encode(vault)),
        ]
        json["epoch"] = state.epoch.map { .object($0.details) } ?? .null
        json["retiring"] = state.retiring.map { .object($0.details) } ?? .null
        json["secrets"] = state.secrets?.json
        return .object(json)
    }

    /// The text of the anchor: canonical JSON and a newline.
    ///
    /// - Parameter file: The path of the vault's file, for a record of a whole verification; otherwise `nil`.
    public func text(file: String? = nil) -> [UInt8] {
        guard case .object(var members) = json else { return [] }
        members["file"] = file.map(JSON.string)
        return JSON.object(members).bytes + [0x0a]
    }

    /// Parses an anchor.
    ///
    /// - Returns: The anchor and the path of the vault's file; `nil` for any text that `text(file:)` would not produce.
    public static func read(_ text: [UInt8]) -> (anchor: Anchor, file: String?)? {
        guard let json = try? JSON.parse(text), let anchor = Anchor(json) else { return nil }
        let file = json["file"]?.string
        return anchor.text(file: file) == text ? (anchor, file) : nil
    }

    /// Decodes an anchor; `nil` if a field is missing or doesn't match the others.
    init?(_ json: JSON) {
        guard json["schema"]?.integer == 1,
            let vault = json["vault"]?.bytes(32),
            let size = json["size"]?.integer, size > 0,
            let peaks = json["peaks"]?.all({ $0.hash }),
            let range = CompactRange(size: UInt64(size), peaks: peaks),
            json["root"]?.string == Hex.encode(range.root.bytes),
            let founderKey = json["founder_key"]?.bytes(32),
            let seen = json["seen"]?.timestamp,
            let members = json["members"]?.array, let connectors = json["connectors"]?.object,
            let epoch = json["epoch"], let retiring = json["retiring"]
        else { return nil }
        var state = LedgerState()
        for item in members {
            guard let member = Self.member(item) else { return nil }
            state.members.append(member)
            guard let newest = item["newest"] else { continue }
            guard newest == .null || (0..<size).contains(newest.integer ?? -1) else { return nil }
            state.recordEntry(by: member.id, at: newest.integer.map(UInt64.init))
        }
        for pair in connectors.pairs {
            guard let digest = pair.value.bytes(32) else { return nil }
            state.connectors[pair.key] = digest
        }
        state.epoch = Self.epoch(epoch, size: size)
        state.retiring = Self.epoch(retiring, size: size)
        guard (state.epoch == nil) == (epoch == .null), (state.retiring == nil) == (retiring == .null) else {
            return nil
        }
        state.secrets = json["secrets"].flatMap(SecretCounts.init)
        // An anchor of an older program has no counts.
        guard json["secrets"] == nil || state.secrets?.fits(state, size: range.size) == true else {
            return nil
        }
        self.init(vault: vault, range: range, state: state, founderKey: founderKey, seen: seen)
    }

    private static func json(_ member: LedgerState.Member, newest: UInt64??) -> JSON {
        var json: JSON.Members = [
            "member": member.details, "role": .string(member.role.rawValue),
            "slots": .array(member.slots.map { .string($0.hex) }),
        ]
        if let newest { json["newest"] = newest.map { .integer(Int64($0)) } ?? .null }
        if !member.temporary.isEmpty {
            json["temporary"] = .array(member.temporary.map { .string($0.hex) })
        }
        return .object(json)
    }

    private static func member(_ json: JSON) -> LedgerState.Member? {
        guard let details = json.object, let role = json["role"]?.role,
            var member = try? LedgerState.Member(details, role: role),
            let slots = json["slots"]?.all({ $0.identifier }),
            let temporary = (json["temporary"] ?? []).all({ $0.identifier })
        else { return nil }
        member.slots = slots
        member.temporary = temporary
        return member
    }

    /// An entry begins each epoch, so there can't be more epochs than entries.
    private static func epoch(_ json: JSON, size: Int64) -> LedgerState.Epoch? {
        guard let number = json["epoch"]?.integer, (1...size).contains(number),
            let commitment = json["commitment"]?.bytes(32),
            let key = json["deposit_key"]?.bytes(32)
        else { return nil }
        return LedgerState.Epoch(number: UInt64(number), commitment: commitment, depositKey: key)
    }
}
