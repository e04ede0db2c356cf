public import VaultLedger

/// Adds a member, by their request or with an identity that is made where this is performed.
public struct AddMember: Operation {
    public typealias Answer = LedgerState.Member

    public enum Joining: Sendable, Codable {
        /// The text of a request.
        case request(String)
        case credential(Credential)
    }

    private let name: String
    private let role: Role
    private let joining: Joining

    public init(_ name: String, _ role: Role, by joining: Joining) {
        (self.name, self.role, self.joining) = (name, role, joining)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> LedgerState.Member {
        switch joining {
        case .request(let text):
            try vault.addMember(name, role, by: .request(try vault.read(request: text)), as: session)
        case .credential(let credential):
            try vault.addMember(name, role, by: .credential(credential), as: session)
        }
    }
}

/// Gives a member another role.
public struct GiveRole: Operation {
    public typealias Answer = RoleReceipt

    private let role: Role
    private let name: String

    public init(_ role: Role, to name: String) { (self.role, self.name) = (role, name) }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RoleReceipt {
        try vault.changeRole(of: name, to: role, as: session)
    }
}

public struct RemoveMember: Operation {
    public typealias Answer = RoleReceipt

    private let name: String

    public init(_ name: String) { self.name = name }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RoleReceipt {
        try vault.removeMember(name, as: session)
    }
}

/// The slots of one kind that the member who is unlocked has, the one that they unlocked with first.
public struct FindOwnSlots: Operation {
    public static let isDoneByItsEntries = false

    public struct Answer: Codable, Sendable {
        public let member: String
        public let slots: [Identifier]
        /// The slot that they unlocked with, of whatever kind.
        public let used: Identifier?
    }

    private let kind: String

    public init(_ kind: String) { self.kind = kind }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Answer {
        Answer(
            member: session.member.name, slots: try vault.ownSlots(kind, as: session), used: session.slot)
    }
}

/// Puts a new way to unlock in the place of an old one.
public struct ReplaceSlot: Operation {
    public typealias Answer = Identifier

    private let old: Identifier
    private let credential: Credential

    public init(_ old: Identifier, with credential: Credential) {
        (self.old, self.credential) = (old, credential)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Identifier {
        try vault.replaceSlot(old, with: credential, as: session)
    }
}
