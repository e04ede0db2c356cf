import VaultCrypto
import VaultText

/// What the entries say, replayed: the members with their roles and slots, the epochs, the user's own connectors.
///
/// The tables of the vault's file are held against this, never the other way round.
public struct LedgerState: Sendable, Equatable {
    public internal(set) var members: [Member] = []
    public internal(set) var epoch: Epoch?
    /// The epoch before, from the beginning of a rotation to its end.
    public internal(set) var retiring: Epoch?
    /// Connectors that were added to this vault: name and BLAKE2b-256 of the file.
    public internal(set) var connectors: [String: [UInt8]] = [:]
    /// The number of each member's newest entry, nil for who has done nothing since they came. A member of whom it is not
    /// known is not in it: older programs remembered nothing of it.
    public internal(set) var newest: [Identifier: UInt64?] = [:]
    /// How many secrets there are, and what is known of them; nil where it was not remembered, as by older programs.
    public internal(set) var secrets: SecretCounts? = SecretCounts()

    public init() {}

    public struct Member: Sendable, Equatable, Codable {
        public let id: Identifier
        public let name: String
        public var role: Role
        public let signKey: [UInt8]
        public let receiveKey: [UInt8]
        public var slots: [Identifier]
        /// Those of the slots whose passphrase somebody else has chosen: while there is one, this member may do
        /// nothing but replace it.
        public var temporary: [Identifier] = []

        public init(id: Identifier, name: String, role: Role, signKey: [UInt8], receiveKey: [UInt8]) {
            self.id = id
            self.name = name
            self.role = role
            self.signKey = signKey
            self.receiveKey = receiveKey
            self.slots = []
        }
    }

    /// A master key by its number, what it must match, and where deposits for it go.
    public struct Epoch: Sendable, Equatable {
        public let number: UInt64
        public let commitment: [UInt8]
        public let depositKey: [UInt8]

        public init(number: UInt64, commitment: [UInt8], depositKey: [UInt8]) {
            self.number = number
            self.commitment = commitment
            self.depositKey = depositKey
        }
    }

    public func member(named name: String) -> Member? { members.first { $0.name.hasSameBytes(as: name) } }
    public func member(_ id: Identifier) -> Member? { members.first { $0.id == id } }

    /// Takes in that a member is the author of this entry.
    public mutating func note(_ author: Identifier, at seq: UInt64?) {
        newest.updateValue(seq, forKey: author)
    }

    /// Whether this says what was remembered, which may know less of who acted last.
    public func agrees(with remembered: LedgerState) -> Bool {
        var remembered = remembered
        remembered.newest.merge(newest) { old, _ in old }
        if remembered.secrets == nil { remembered.secrets = secrets }
        return self == remembered
    }
}

extension LedgerState {
    /// Takes one entry in, but for what it says of an owner and its secrets; the caller has checked that its author's role
    /// allows the action.
    ///
    /// - Throws: what the entry contradicts, in words for a person.
    mutating func apply(_ entry: Entry) throws(Contradiction) {
        try admit(entry.action, by: entry.actor.id)
        let details = entry.change.details
        switch entry.action {
        case .createVault:
            guard members.isEmpty, entry.seq == 0 else { throw "a second beginning of the vault" }
            switch details["format"]?.integer {
            case 1: break
            case 2: secrets?.isCovered = true
            default: throw "a format that this program does not know"
            }
            members.append(try Member(details, role: .admin))
            note(members[0].id, at: nil)
        case .addMember:
            guard let role = details["role"]?.role else { throw "a member without a role" }
            let member = try Member(details, role: role)
            guard entry.object.id == member.id.hex, entry.object.name.hasSameBytes(as: member.name) else {
                throw "a member under another one's name"
            }
            guard self.member(named: member.name) == nil, self.member(member.id) == nil else {
                throw "a member who is there already"
            }
            members.append(member)
            note(member.id, at: nil)
        case .changeRole:
            guard let role = details["role"]?.role else { throw "a role that does not exist" }
            members[try place(of: entry)].role = role
            try keepAnAdmin()
        case .removeMember:
            newest.removeValue(forKey: members.remove(at: try place(of: entry)).id)
            try keepAnAdmin()
        case .addSlot, .removeSlot, .useRecovery: try applySlot(entry)
        case .beginEpoch, .retireEpoch: try applyEpoch(entry)
        case .addConnector:
            guard let digest = details["digest"]?.bytes(32) else {
                throw "a connector without a digest"
            }
            connectors[entry.object.name] = digest
        case .removeConnector:
            guard connectors.removeValue(forKey: entry.object.name) != nil else {
                throw "the removal of a connector that was not there"
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

    /// Checks what holds for every entry, whatever its action: the author may do it with the passphrase that they have.
    func admit(_ action: Action, by actor: Identifier) throws(Contradiction) {
        guard member(actor)?.mayDo(action) ?? true else {
            throw "something else than a new passphrase, where the first one is still another's choice"
        }
    }

    private mutating func applySlot(_ entry: Entry) throws(Contradiction) {
        guard let slot = entry.change.details["slot"]?.identifier else {
            throw "a slot without an identifier"
        }
        let place = try place(of: entry)
        let isOwn = entry.actor.id == members[place].id
        guard isOwn || member(entry.actor.id)?.role == .admin else { throw "a slot of somebody else" }
        if entry.action == .addSlot {
            guard !members.contains(where: { $0.slots.contains(slot) }) else {
                throw "a slot that is there already"
            }
            members[place].slots.append(slot)
            try markTemporary(slot, of: place, entry.change.details["temporary"])
            return
        }
        let index = members[place].slots.firstIndex(of: slot)
        if entry.action == .useRecovery {
            guard isOwn, index != nil else { throw "the use of a recovery code that is not the member's" }
            return
        }
        guard let index else { throw "the removal of a slot that was not there" }
        members[place].slots.remove(at: index)
        members[place].temporary.removeAll { $0 == slot }
    }

    private mutating func markTemporary(_ slot: Identifier, of place: Int, _ mark: JSON?)
        throws(Contradiction)
    {
        guard let mark else { return }
        guard mark == true else { throw "a slot that is neither temporary nor not" }
        members[place].temporary.append(slot)
    }

    private mutating func applyEpoch(_ entry: Entry) throws(Contradiction) {
        let details = entry.change.details
        guard let number = details["epoch"]?.integer, number > 0 else { throw "an epoch without a number" }
        guard entry.object.name.hasSameBytes(as: "epoch \(number)") else {
            throw "an epoch under another one's name"
        }
        if entry.action == .retireEpoch {
            guard let old = retiring, old.number == UInt64(number) else {
                throw "the end of a rotation that was not going on"
            }
            guard secrets?.secrets(under: old.number) == 0,
                secrets?.isCovered == false || secrets?.uncovered == 0
            else { throw "the end of a master key that secrets are still sealed under" }
            retiring = nil
            secrets?.epochs.removeAll { $0.number == old.number }
            return
        }
        guard retiring == nil else { throw "a rotation before the last one had ended" }
        guard UInt64(number) == (epoch?.number ?? 0) + 1 else { throw "an epoch out of turn" }
        guard let commitment = details["commitment"]?.bytes(32),
            let depositKey = details["deposit_key"]?.bytes(32)
        else { throw "an epoch without its keys" }
        retiring = epoch
        epoch = Epoch(number: UInt64(number), commitment: commitment, depositKey: depositKey)
        secrets?.epochs.append(SecretCounts.Epoch(number: UInt64(number), began: entry.seq))
    }

    private func place(of entry: Entry) throws(Contradiction) -> Int {
        guard let place = members.firstIndex(where: { $0.id.hex == entry.object.id }) else {
            throw "a member who is not there"
        }
        guard entry.object.name.hasSameBytes(as: members[place].name) else {
            throw "a member under another one's name"
        }
        return place
    }

    private func keepAnAdmin() throws(Contradiction) {
        guard members.contains(where: { $0.role == .admin }) else { throw "the last admin's end" }
    }
}

extension LedgerState.Member {
    /// The member that an entry brings in, from its `member` object.
    public init(_ details: JSON.Members, role: Role) throws(Contradiction) {
        let member = details["member"]
        guard let id = member?["id"]?.identifier,
            let name = member?["name"]?.string, MemberName.isValid(name),
            let sign = member?["sign_key"]?.bytes(32),
            let receive = member?["receive_key"]?.bytes(32)
        else { throw "a member without a name or keys" }
        self.init(id: id, name: name, role: role, signKey: sign, receiveKey: receive)
    }

    /// Whether this member may be the author of such an entry now: by role, and not by a passphrase that is known to
    /// whoever added them.
    public func mayDo(_ action: Action) -> Bool {
        role.allows(action) && (temporary.isEmpty || action.isAllowedAtFirst)
    }

    /// What the entry that brings this member in says of them.
    public var details: JSON {
        [
            "id": .string(id.hex), "name": .string(name), "receive_key": .string(Hex.encode(receiveKey)),
            "sign_key": .string(Hex.encode(signKey)),
        ]
    }
}

extension LedgerState.Epoch {
    /// What the entry that begins this epoch says of it.
    public var details: JSON.Members {
        [
            "epoch": .integer(Int64(number)), "commitment": .string(Hex.encode(commitment)),
            "deposit_key": .string(Hex.encode(depositKey)),
        ]
    }
}

/// The names that members may have: 1 to 64 of `a-z 0-9 . _ -`, so that they can stand in a signed note.
public enum MemberName {
    public static func isValid(_ name: String) -> Bool { isValid(name.utf8) }

    static func isValid(_ name: some Collection<UInt8>) -> Bool {
        (1...64).contains(name.count)
            && name.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2e, 0x5f, 0x2d].contains(byte)
            }
    }
}

/// What an entry says that cannot be, in words that end the sentence "entry N tells of …".
public struct Contradiction: Error, Equatable, ExpressibleByStringLiteral {
    public let text: String
    public init(stringLiteral text: String) { self.text = text }
}
