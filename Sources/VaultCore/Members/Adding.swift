// The folder's rule: members come, change and go by the entries of an admin. The rows of members, slots and grants
// follow in the same transaction, so that who may open is who holds a grant, at every moment.

public import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore

/// Where a new member's identity comes from.
public enum Joining: Sendable {
    /// The new member made it (`Vault.request`): nobody else has ever had its seed.
    case request(MemberRequest)
    /// It is made here, and unlocked with this. A passphrase is one to begin with: whoever adds the member has chosen
    /// it, so the member can do nothing before they have replaced it.
    case credential(Credential)
}

extension Vault {
    /// Makes an identity that asks to join a vault, and the slot that unlocks it. Needs the vault's id, not the vault.
    public static func request(
        toJoin vault: [UInt8], with credential: Credential, cost: PassphraseCost = .default,
        _ surroundings: Surroundings
    ) throws(VaultError) -> MemberRequest {
        try VaultError.catching {
            var identifiers = IdentifierSource(at: surroundings.now())
            let id = identifiers.next()
            let identity = Identity.generate()
            let slot = try makeSlot(credential, for: identity, vault: vault, member: id, cost: cost)
            return MemberRequest(vault: vault, id: id, identity: identity, slot: slot)
        }
    }

    /// Reads a request to join this vault.
    public func read(request text: String) throws(VaultError) -> MemberRequest {
        do {
            return try MemberRequest(reading: text, for: id)
        } catch {
            throw .requestRefused(error)
        }
    }

    /// Adds a member: name, role, one way to unlock, and a grant of each open epoch where the role may open.
    public func addMember(
        _ name: String, _ role: Role, by joining: Joining, as session: Session,
        cost: PassphraseCost = .default
    ) throws(VaultError) -> LedgerState.Member {
        try VaultError.catching {
            guard MemberName.isValid(name) else { throw VaultError.invalid([MemberName.problem(name)]) }
            var isTemporary = false
            let request: MemberRequest
            switch joining {
            case .request(let given): request = given
            case .credential(let credential):
                request = try Self.request(toJoin: id, with: credential, cost: cost, surroundings)
                isTemporary = credential.kind == .passphrase
            }
            return try change(as: session) { transaction in
                try transaction.mayDo(.addMember)
                try transaction.checkIsNew(name, request)
                if let left = try transaction.rows.leaving(of: name), left.object.id != request.id.hex {
                    surroundings.notice(.nameHadBefore(name: name, until: left.time))
                }
                return try transaction.add(request, name, role, isTemporary: isTemporary)
            }
        }
    }
}

extension MemberRequest {
    /// Writes the request to a new file.
    public func write(to path: String) throws(VaultError) {
        try VaultError.catching {
            try unsafe Array(text.utf8).withUnsafeBytes { try unsafe PrivateFile.create(path, with: $0) }
        }
    }
}

extension Transaction {
    fileprivate func checkIsNew(_ name: String, _ request: MemberRequest) throws(VaultError) {
        guard request.vault == vault else { throw .requestRefused(.otherVault) }
        for member in state.members where member.id == request.id || member.signKey == request.signKey {
            throw .alreadyMember(name: member.name)
        }
        let key = Name.skeleton(of: name)
        for member in state.members where Name.skeleton(of: member.name) == key {
            throw .memberTaken(name: name, taken: member.name)
        }
        let taken = state.members.flatMap(\.slots).map(\.bytes)
        guard !taken.contains(request.slot.id) else { throw .requestRefused(.malformed) }
    }

    fileprivate mutating func add(
        _ request: MemberRequest, _ name: String, _ role: Role, isTemporary: Bool
    ) throws -> LedgerState.Member {
        let member = LedgerState.Member(
            id: request.id, name: name, role: role, signKey: request.signKey, receiveKey: request.receiveKey)
        try rows.insertMember(MemberRow(member))
        try record(
            .addMember, member.object,
            Change(details: ["member": member.details, "role": .string(role.rawValue)]))
        try addSlot(request.slot, of: member, isTemporary: isTemporary)
        if role.mayOpen { try grantOpenEpochs(to: member) }
        return member
    }

    /// A grant of the present epoch, and of the one that a rotation is leaving: its secrets are still to be used.
    func grantOpenEpochs(to member: LedgerState.Member) throws {
        for epoch in [state.retiring, state.epoch].compactMap(\.self) {
            try grant(try session.masterKey(epoch.number, ledger, rows).key, to: member)
        }
    }
}

extension Rows {
    /// The entry that removed the last member of this name, nil where there was none.
    fileprivate func leaving(of name: String) throws -> Entry? {
        var last: Entry?
        try forEachEntry(of: Action.removeMember.rawValue) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            if entry.object.name == name { last = entry }
        }
        return last
    }
}
