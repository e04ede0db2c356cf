public import VaultRegistry

/// Begins a rotation of a credential: the new values wait as pending.
public struct StartRotation: Operation {
    public typealias Answer = RotationStep

    private let draft: RotationDraft

    public init(_ draft: RotationDraft) { self.draft = draft }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.startRotation(draft, as: session)
    }
}

/// Tells how a test of what is pending ended.
public struct RecordRotationTest: Operation {
    public typealias Answer = RotationStep

    private let test: RotationTest

    public init(_ test: RotationTest) { self.test = test }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.recordRotationTest(test, as: session)
    }
}

/// Makes what is pending the current one.
public struct FinishRotation: Operation {
    public typealias Answer = RotationStep

    private let owner: String
    private let overlap: Period?
    private let isUntested: Bool

    public init(of owner: String, overlap: Period?, untested: Bool) {
        (self.owner, self.overlap, isUntested) = (owner, overlap, untested)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.finishRotation(of: owner, overlap: overlap, untested: isUntested, as: session)
    }
}

/// Gives a rotation up.
public struct AbortRotation: Operation {
    public typealias Answer = RotationStep

    private let owner: String

    public init(of owner: String) { self.owner = owner }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.abortRotation(of: owner, as: session)
    }
}

/// Takes a finished rotation back.
public struct RollBack: Operation {
    public typealias Answer = RotationStep

    private let fields: [String]
    private let owner: String
    private let overlap: Period

    public init(_ fields: [String], of owner: String, overlap: Period) {
        (self.fields, self.owner, self.overlap) = (fields, owner, overlap)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.rollBack(fields, of: owner, overlap: overlap, as: session)
    }
}

/// Destroys a version that is not current.
public struct DestroyVersion: Operation {
    public typealias Answer = RotationStep

    private let version: UInt64
    private let field: String
    private let owner: String

    public init(_ version: UInt64, of field: String, of owner: String) {
        (self.version, self.field, self.owner) = (version, field, owner)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationStep {
        try vault.destroyVersion(version, of: field, of: owner, as: session)
    }
}
