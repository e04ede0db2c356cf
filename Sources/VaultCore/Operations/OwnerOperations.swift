public import VaultLedger
public import VaultMemory

/// Registers a connection or client; the answer is whether its secrets were only deposited.
public struct CreateOwner: Operation {
    public typealias Answer = Bool

    private let draft: OwnerDraft
    private let isDeposit: Bool

    public init(_ draft: OwnerDraft, depositing: Bool = false) {
        (self.draft, isDeposit) = (draft, depositing)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Bool {
        try session.depositing(isDeposit) { () throws(VaultError) in
            try vault.create(draft, as: session)
            return session.isDepositing
        }
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
    private let isDeposit: Bool

    public init(
        _ plan: EditPlan, changes: [String: [String]], secrets: [String: SharedSecret],
        depositing: Bool = false
    ) {
        (kind, name, seen) = (plan.kind, plan.name, plan.seen)
        (self.changes, self.secrets, isDeposit) = (changes, secrets, depositing)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        let plan: EditPlan
        do throws(VaultError) {
            plan = try vault.planEdit(kind, name, changes: changes)
        } catch {
            // It was there when the edit was worked out.
            if case .notFound = error { throw .changedMeanwhile(name: name) }
            throw error
        }
        guard plan.seen == seen else { throw .changedMeanwhile(name: name) }
        try session.depositing(isDeposit) { () throws(VaultError) in
            try vault.edit(plan, secrets: secrets, as: session)
        }
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
    private let rules: [String: RotationRule]

    public init(
        _ kind: OwnerKind, _ name: String, tags: [Owner.Tag], note: String?,
        rotate rules: [String: RotationRule] = [:]
    ) {
        (self.kind, self.name, self.tags, self.note, self.rules) = (kind, name, tags, note, rules)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.annotate(kind, name, tags: tags, note: note, rotate: rules, as: session)
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
    private let isDeposit: Bool

    public init(
        _ field: String, of owner: String, to secret: SharedSecret, expires: Timestamp? = nil,
        depositing: Bool = false
    ) {
        (self.field, self.owner, self.secret, self.expires) = (field, owner, secret, expires)
        isDeposit = depositing
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> SecretReceipt {
        try session.depositing(isDeposit) { () throws(VaultError) in
            try vault.setSecret(field, of: owner, to: secret, expires: expires, as: session)
        }
    }
}

/// Tells whether a value is the stored one.
public struct VerifySecret: Operation {
    public static let isDoneByItsEntries = false

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
    public static let isDoneByItsEntries = false

    public typealias Answer = [ChildVariable]

    let names: [String]
    let only: [String]
    let program: String

    public init(of names: [String], only: Set<String>, program: String) {
        (self.names, self.only, self.program) = (names, only.sorted(), program)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> [ChildVariable] {
        try vault.variables(of: names, only: Set(only), program: program, as: session)
    }
}
