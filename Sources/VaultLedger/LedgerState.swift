import VaultCrypto
import VaultText

/// The state after the replayed entries: members with roles and slots, epochs, and the vault's own connectors.
///
/// The ledger is the authority: the tables of the file must agree with this state.
public struct LedgerState: Sendable, Equatable {
    /// The members, in the order in which they were added.
    public internal(set) var members: [Member] = []
    /// The current epoch of the master key; `nil` before the first.
    public internal(set) var epoch: Epoch?
    /// The previous epoch during a rotation; otherwise `nil`.
    public internal(set) var retiring: Epoch?
    /// The connectors that were added to this vault: the BLAKE2b-256 of each file, by name.
    public internal(set) var connectors: [String: [UInt8]] = [:]
    /// The number of each member's newest entry; `nil` for a member without entries. A member is missing if an anchor of an
    /// older program didn't record it.
    public internal(set) var newest: [Identifier: UInt64?] = [:]
    /// The counts of secrets; `nil` if read from an anchor of an older program, which didn't record them.
    public internal(set) var secrets: SecretCounts? = SecretCounts()

    /// The state before the first entry.
    public init() {}

    /// A member of the vault.
    public struct Member: Sendable, Equatable, Codable {
        /// The permanent ID.
        public let id: Identifier
        /// The unique name (`MemberName`).
        public let name: String
        /// The current role.
        public var role: Role
        /// The Ed25519 public key, 32 bytes.
        public let signKey: [UInt8]
        /// The X25519 public key, 32 bytes.
        public let receiveKey: [UInt8]
        /// The IDs of the slots that unlock this member.
        public var slots: [Identifier]
        /// The slots with a passphrase that another member chose. While there is one, this member may only replace it.
        public var temporary: [Identifier] = []

        /// Creates a member without slots.
        public init(id: Identifier, name: String, role: Role, signKey: [UInt8], receiveKey: [UInt8]) {
            self.id = id
            self.name = name
            self.role = role
            self.signKey = signKey
            self.receiveKey = receiveKey
            self.slots = []
        }
    }

    /// An epoch of the master key.
    public struct Epoch: Sendable, Equatable {
        /// The number of the epoch, from 1.
        public let number: UInt64
        /// The commitment that the master key must match, 32 bytes.
        public let commitment: [UInt8]
        /// The X25519 public key that deposits are encrypted to, 32 bytes.
        public let depositKey: [UInt8]

        /// Creates an epoch.
        public init(number: UInt64, commitment: [UInt8], depositKey: [UInt8]) {
            self.number = number
            self.commitment = commitment
            self.depositKey = depositKey
        }
    }

    /// The member with this name.
    public func member(named name: String) -> Member? { members.first { $0.name.hasSameBytes(as: name) } }
    /// The member with this ID.
    public func member(_ id: Identifier) -> Member? { members.first { $0.id == id } }

    /// Records the newest entry of a member; `nil` for a new member.
    public mutating func recordEntry(by author: Identifier, at seq: UInt64?) {
        newest.updateValue(seq, forKey: author)
    }

    /// Whether this is the remembered state. What an older program didn't remember is ignored.
    public func agrees(with remembered: LedgerState) -> Bool {
        var remembered = remembered
        remembered.newest.merge(newest) { old, _ in old }
        if remembered.secrets == nil { remembered.secrets = secrets }
        return self == remembered
    }
}

extension LedgerState {
    /// Applies one entry, except its effect on owners and secrets.
    ///
    /// - Precondition: The author's role allows the action.
    /// - Throws: `Contradiction` if the entry is impossible in this state.
    mutating func apply(_ entry: Entry) throws(Contradiction) {
        try admit(entry.action, by: entry.actor.id)
        let details = entry.change.details
        switch entry.action {
        case .createVault:
            guard members.isEmpty, entry.seq == 0 else { throw "the vault was already created" }
            switch details["format"]?.integer {
            case 1: break
            case 2: secrets?.isCovered = true
            default: throw .malformed
            }
            members.append(try Member(details, role: .admin))
            recordEntry(by: members[0].id, at: nil)
        case .addMember:
            guard let role = details["role"]?.role else { throw .malformed }
            let member = try Member(details, role: role)
            guard entry.object.id == member.id.hex, entry.object.name.hasSameBytes(as: member.name) else {
                throw "it names another member"
            }
            guard self.member(named: member.name) == nil, self.member(member.id) == nil else {
                throw "the member already exists"
            }
            members.append(member)
            recordEntry(by: member.id, at: nil)
        case .changeRole:
            guard let role = details["role"]?.role else { throw .malformed }
            members[try place(of: entry)].role = role
            try keepAnAdmin()
        case .removeMember:
            newest.removeValue(forKey: members.remove(at: try place(of: entry)).id)
            try keepAnAdmin()
        case .addSlot, .removeSlot, .useRecovery: try applySlot(entry)
        case .beginEpoch, .retireEpoch: try applyEpoch(entry)
        case .addConnector:
            guard let digest = details["digest"]?.bytes(32) else { throw .malformed }
            connectors[entry.object.name] = digest
        case .removeConnector:
            guard connectors.removeValue(forKey: entry.object.name) != nil else {
                throw "the connector does not exist"
            }
        case .createConnection, .editConnection, .annotateConnection, .createClient, .editClient, .setSecret,
            .sealDeposit, .removeConnection, .removeClient, .execConnection, .exportConnection, .allowUses,
            .testConnection, .testedConnection,
            .requestConnection, .proxyConnection, .tokenOfConnection, .mintToken, .verifySecret,
            .rollBackSecret, .destroySecret, .startRotation, .testRotation, .finishRotation, .abortRotation,
            .acceptLedger, .refused,
            .resealSecrets, .coverSecrets:
            break
        }
    }

    /// Checks that the author may do this with the passphrase that they have.
    ///
    /// - Throws: `Contradiction` if the author has a temporary slot and must replace it first.
    func admit(_ action: Action, by actor: Identifier) throws(Contradiction) {
        guard member(actor)?.mayDo(action) ?? true else {
            throw "its author must first replace a passphrase that someone else chose"
        }
    }

    private mutating func applySlot(_ entry: Entry) throws(Contradiction) {
        guard let slot = entry.change.details["slot"]?.identifier else { throw .malformed }
        let place = try place(of: entry)
        let isOwn = entry.actor.id == members[place].id
        guard isOwn || member(entry.actor.id)?.role == .admin else {
            throw "the slot belongs to another member"
        }
        if entry.action == .addSlot {
            guard !members.contains(where: { $0.slots.contains(slot) }) else {
                throw "the slot already exists"
            }
            members[place].slots.append(slot)
            if entry.change.details["temporary"] == true { members[place].temporary.append(slot) }
            return
        }
        let index = members[place].slots.firstIndex(of: slot)
        if entry.action == .useRecovery {
            guard isOwn, index != nil else { throw "the recovery code does not belong to its author" }
            return
        }
        guard let index else { throw "the slot does not exist" }
        members[place].slots.remove(at: index)
        members[place].temporary.removeAll { $0 == slot }
    }

    private mutating func applyEpoch(_ entry: Entry) throws(Contradiction) {
        let details = entry.change.details
        guard let number = details["epoch"]?.integer, number > 0 else { throw .malformed }
        guard entry.object.name.hasSameBytes(as: "epoch \(number)") else {
            throw "it names another epoch"
        }
        if entry.action == .retireEpoch {
            guard let old = retiring, old.number == UInt64(number) else {
                throw "the epoch is not being retired"
            }
            guard secrets?.secrets(under: old.number) == 0,
                secrets?.isCovered == false || secrets?.uncovered == 0
            else { throw "secrets are still sealed under this master key" }
            retiring = nil
            secrets?.epochs.removeAll { $0.number == old.number }
            return
        }
        guard retiring == nil else { throw "the previous rotation has not ended" }
        guard UInt64(number) == (epoch?.number ?? 0) + 1 else { throw "the epoch is out of sequence" }
        guard let commitment = details["commitment"]?.bytes(32),
            let depositKey = details["deposit_key"]?.bytes(32)
        else { throw .malformed }
        retiring = epoch
        epoch = Epoch(number: UInt64(number), commitment: commitment, depositKey: depositKey)
        secrets?.epochs.append(SecretCounts.Epoch(number: UInt64(number), began: entry.seq))
    }

    private func place(of entry: Entry) throws(Contradiction) -> Int {
        guard let place = members.firstIndex(where: { $0.id.hex == entry.object.id }) else {
            throw "the member does not exist"
        }
        guard entry.object.name.hasSameBytes(as: members[place].name) else {
            throw "it names another member"
        }
        return place
    }

    private func keepAnAdmin() throws(Contradiction) {
        guard members.contains(where: { $0.role == .admin }) else { throw "no admin would remain" }
    }
}

extension LedgerState.Member {
    /// Creates the member that an entry adds.
    ///
    /// - Parameters:
    ///   - details: The details of the change, with the object `member`.
    ///   - role: The role of the member.
    /// - Throws: `Contradiction` if `member` is missing or malformed.
    public init(_ details: JSON.Members, role: Role) throws(Contradiction) {
        let member = details["member"]
        guard let id = member?["id"]?.identifier,
            let name = member?["name"]?.string, MemberName.isValid(name),
            let sign = member?["sign_key"]?.bytes(32),
            let receive = member?["receive_key"]?.bytes(32)
        else { throw .malformed }
        self.init(id: id, name: name, role: role, signKey: sign, receiveKey: receive)
    }

    /// Whether this member may be the author of an entry with this action: the role allows it, and no temporary slot
    /// prevents it.
    public func mayDo(_ action: Action) -> Bool {
        role.allows(action) && (temporary.isEmpty || action.isAllowedWithTemporarySlot)
    }

    /// The object `member` of the entry that adds this member.
    public var details: JSON {
        [
            "id": .string(id.hex), "name": .string(name), "receive_key": .string(Hex.encode(receiveKey)),
            "sign_key": .string(Hex.encode(signKey)),
        ]
    }
}

extension LedgerState.Epoch {
    /// The details of the `key.rotate` entry that begins this epoch.
    public var details: JSON.Members {
        [
            "epoch": .integer(Int64(number)), "commitment": .string(Hex.encode(commitment)),
            "deposit_key": .string(Hex.encode(depositKey)),
        ]
    }
}

/// The names of members: 1 to 64 of `a-z 0-9 . _ -`, which are valid key names of a signed note.
public enum MemberName {
    /// Whether a text can be the name of a member.
    public static func isValid(_ name: String) -> Bool { isValid(name.utf8) }

    static func isValid(_ name: some Collection<UInt8>) -> Bool {
        (1...64).contains(name.count)
            && name.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2e, 0x5f, 0x2d].contains(byte)
            }
    }
}

/// Why an entry is impossible in the state before it.
public struct Contradiction: Error, Equatable, ExpressibleByStringLiteral {
    /// The reason, as a clause such as "the member does not exist".
    public let text: String

    /// Creates a contradiction with this reason.
    public init(stringLiteral text: String) { self.text = text }
    /// A value that the grammar would have rejected.
    static let malformed: Contradiction = "its change is malformed"
}
