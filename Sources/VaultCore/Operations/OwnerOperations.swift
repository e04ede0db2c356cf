public import VaultLedger
public import VaultMemory

/// Registers a connection or client.
public struct CreateOwner: Operation {
    public typealias Answer = Done
    private let draft: OwnerDraft

    public init(_ draft: OwnerDraft) { self.draft = draft }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.create(draft, as: session)
        return Done()
    }
}

/// Does an edit that `Vault.planEdit` worked out; who performs it works it out again, and it must be the same.
public struct EditOwner: Operation {
    public typealias Answer = Done
    private let kind: OwnerKind
    private let name: String
    private let changes: [String: [String]]
    private let secrets: [String: SharedSecret]
    private let seen: String

    public init(_ plan: EditPlan, changes: [String: [String]], secrets: [String: SharedSecret]) {
        (kind, name, seen) = (plan.kind, plan.name, plan.seen)
        (self.changes, self.secrets) = (changes, secrets)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        let plan = try vault.planEdit(kind, name, changes: changes)
        guard plan.seen == seen else { throw .changedMeanwhile(name: name) }
        try vault.edit(plan, secrets: secrets, as: session)
        return Done()
    }
}

/// Changes tags and note.
public struct AnnotateOwner: Operation {
    public typealias Answer = Done
    private let kind: OwnerKind
    private let name: String
    private let tags: [Owner.Tag]
    private let note: String?

    public init(_ kind: OwnerKind, _ name: String, tags: [Owner.Tag], note: String?) {
        (self.kind, self.name, self.tags, self.note) = (kind, name, tags, note)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.annotate(kind, name, tags: tags, note: note, as: session)
        return Done()
    }
}

/// Removes a connection or client with its secrets.
public struct RemoveOwner: Operation {
    public typealias Answer = Done
    private let kind: OwnerKind
    private let name: String

    public init(_ kind: OwnerKind, _ name: String) { (self.kind, self.name) = (kind, name) }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.remove(kind, name, as: session)
        return Done()
    }
}

/// Replaces one secret.
public struct SetSecret: Operation {
    public typealias Answer = SecretReceipt
    private let field: String
    private let owner: String
    private let secret: SharedSecret
    private let expires: Timestamp?

    public init(_ field: String, of owner: String, to secret: SharedSecret, expires: Timestamp? = nil) {
        (self.field, self.owner, self.secret, self.expires) = (field, owner, secret, expires)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> SecretReceipt {
        try vault.setSecret(field, of: owner, to: secret, expires: expires, as: session)
    }
}

/// Tells whether a value is the stored one.
public struct VerifySecret: Operation {
    public typealias Answer = Bool
    private let field: String
    private let owner: String
    private let secret: SharedSecret

    public init(_ field: String, of owner: String, against secret: SharedSecret) {
        (self.field, self.owner, self.secret) = (field, owner, secret)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Bool {
        try vault.verifySecret(field, of: owner, against: secret, as: session)
    }
}

/// Opens what a child process is to have. The one operation whose answer holds values of secrets.
public struct OpenVariables: Operation {
    public typealias Answer = [ChildVariable]
    private let names: [String]
    private let only: [String]
    private let program: String

    public init(of names: [String], only: Set<String>, program: String) {
        (self.names, self.only, self.program) = (names, only.sorted(), program)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> [ChildVariable] {
        try vault.variables(of: names, only: Set(only), program: program, as: session)
    }
}
