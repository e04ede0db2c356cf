// The folder's rule: whatever needs an unlocked vault is a value here, with the type of its answer. A command makes
// the value and gives it to an operator; whether that is this process or an agent, the value, the answer and every
// failure are the same. The work itself is a method of `Vault` in the folder that it is about.

/// Something to ask, as a value that can travel, and the type of its answer.
///
/// Its type's name is its name on the wire, so renaming one is a new version of the protocol.
public protocol Question: Codable, Sendable {
    associatedtype Answer: Codable, Sendable
}

extension Question {
    /// What `String(describing:)` says too, by way of a mirror that costs a command a tenth of its time.
    public static var name: String { _typeName(Self.self, qualified: false) }
}

/// A question that an unlocked vault answers by itself.
public protocol Operation: Question {
    /// Whether it is done once its entries are in the ledger, so that a lost answer can be told from them. An answer that
    /// brings something along, such as secrets, has to arrive.
    static var isDoneByItsEntries: Bool { get }

    func perform(in vault: Vault, as session: Session) throws(VaultError) -> Answer
}

extension Operation {
    public static var isDoneByItsEntries: Bool { true }
}

/// Who performs operations: this process, or an agent that is asked to.
public protocol Operator {
    func perform<O: Operation>(_ operation: O) throws(VaultError) -> O.Answer
}

/// A vault that this process has unlocked.
public struct Unlocked: Operator {
    public let vault: Vault
    public let session: Session

    public init(_ vault: Vault, as session: Session) {
        self.vault = vault
        self.session = session
    }

    public func perform<O: Operation>(_ operation: O) throws(VaultError) -> O.Answer {
        try operation.perform(in: vault, as: session)
    }
}

/// The answer of an operation that has nothing to tell but that it was done.
public struct Done: Codable, Sendable {
    public init() {}
}

/// Every operation by its name, for whoever is asked from outside.
public enum Operations {
    public static let byName: [String: any Operation.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let all: [any Operation.Type] = [
        CreateOwner.self, EditOwner.self, AnnotateOwner.self, RemoveOwner.self, SetSecret.self,
        VerifySecret.self, OpenVariables.self, AddConnector.self, RemoveConnector.self, AddSlot.self,
        RemoveSlot.self, FindOwnSlots.self, ReplaceSlot.self, AddMember.self, GiveRole.self,
        RemoveMember.self, RotateMasterKey.self, VerifyVault.self, AcceptLedger.self, CosignCheckpoint.self,
        ExportBundle.self, ImportBundle.self,
        StartRotation.self, RecordRotationTest.self, FinishRotation.self, AbortRotation.self, RollBack.self,
        DestroyVersion.self, AllowUses.self,
    ]
}
