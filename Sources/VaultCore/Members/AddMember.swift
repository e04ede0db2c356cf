import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore

/// Adds a member with one slot, and with a grant of each open epoch if the role may open secrets. The answer is the new
/// member.
///
/// - Throws: `invalid` for a name, `nameTaken`, `alreadyMember`, `requestRefused`, `credentialMalformed`.
public struct AddMember: RemoteOperation {
    public typealias Answer = LedgerState.Member

    /// Who makes the identity of a new member.
    public enum Joining: Sendable, Codable {
        /// The member, who sends the text of a request (`Vault.request`). No one else ever has the seed.
        case request(String)
        /// This operation, for a member who unlocks with this credential. A passphrase is temporary: the admin knows it,
        /// so the member must replace it before doing anything else.
        case credential(Credential)
    }

    private let name: String
    private let role: Role
    private let joining: Joining

    /// - Parameters:
    ///   - name: The name of the new member.
    ///   - role: The role of the new member.
    ///   - joining: Who creates the identity of the new member.
    public init(_ name: String, _ role: Role, by joining: Joining) {
        (self.name, self.role, self.joining) = (name, role, joining)
    }

    public func perform(in vault: Vault, as session: Session) throws -> LedgerState.Member {
        guard MemberName.isValid(name) else { throw MemberName.problem(name) }
        var isTemporary = false
        let request: MemberRequest
        switch joining {
        case .request(let text): request = try vault.read(request: text)
        case .credential(let credential):
            request = try Vault.request(toJoin: vault.id, with: credential, vault.surroundings)
            isTemporary = credential.kind == .passphrase
        }
        return try vault.change(as: session) { transaction in
            try transaction.mayDo(.addMember)
            try transaction.checkIsNew(name, request)
            if let earlier = try transaction.rows.removal(of: name), earlier.object.id != request.id.hex {
                vault.surroundings.notice(.nameHadBefore(name: name, until: earlier.time))
            }
            return try transaction.add(request, name, role, isTemporary: isTemporary)
        }
    }
}

extension Vault {
    /// Makes an identity that requests to join a vault, with a slot. It needs the vault's id, but not the vault.
    ///
    /// - Throws: `credentialMalformed`, `outOfMemory`.
    public static func request(
        toJoin vault: [UInt8], with credential: Credential, _ surroundings: Surroundings
    ) throws(VaultError) -> MemberRequest {
        var identifiers = IdentifierSource(at: surroundings.now())
        let id = identifiers.next()
        let identity = Identity.generate()
        let slot = try makeSlot(
            credential, for: identity, vault: vault, member: id, cost: surroundings.cost)
        return MemberRequest(vault: vault, id: id, identity: identity, slot: slot)
    }

    /// Parses a request to join this vault.
    ///
    /// - Throws: `requestRefused` for a malformed request, or one for another vault.
    public func read(request text: String) throws(VaultError) -> MemberRequest {
        do { return try MemberRequest(reading: text, for: id) } catch {
            throw .member(.requestRefused(error))
        }
    }
}

extension MemberRequest {
    /// Writes the request to a new file.
    ///
    /// - Throws: `fileExists`, or an error of the file system.
    public func write(to path: String) throws(VaultError) {
        try VaultError.catching {
            _ = try unsafe Array(text.utf8).withUnsafeBytes { try unsafe PrivateFile.create(path, with: $0) }
        }
    }
}

extension Transaction {
    fileprivate func checkIsNew(_ name: String, _ request: MemberRequest) throws(VaultError) {
        guard request.vault == vault else { throw .member(.requestRefused(.otherVault)) }
        for member in state.members where member.id == request.id || member.signKey == request.signKey {
            throw .member(.alreadyMember(name: member.name))
        }
        let key = Name.skeleton(of: name)
        for member in state.members where Name.skeleton(of: member.name) == key {
            throw .member(.nameTaken(name: name, taken: member.name))
        }
        let taken = state.members.flatMap(\.slots).map(\.bytes)
        guard !taken.contains(request.slot.id) else { throw .member(.requestRefused(.malformed)) }
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

    /// Grants the current epoch and, during a rotation, also the retiring epoch, which still has secrets.
    func grantOpenEpochs(to member: LedgerState.Member) throws {
        for epoch in [state.retiring, state.epoch].compactMap(\.self) {
            try grant(try session.masterKey(epoch.number, ledger, rows).key, to: member)
        }
    }
}

extension Rows {
    /// The entry that removed the last member with this name, or nil.
    fileprivate func removal(of name: String) throws -> Entry? {
        var last: Entry?
        try forEachEntry(of: Action.removeMember.rawValue) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            if entry.object.name == name { last = entry }
        }
        return last
    }
}
