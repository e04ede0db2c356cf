public import VaultLedger
import VaultRegistry

/// Adds a connector file; the answer is the connector's name.
public struct AddConnector: Operation {
    public typealias Answer = String

    private let source: String
    private let path: String

    /// `path` is where the text comes from, for messages.
    public init(_ source: String, from path: String) { (self.source, self.path) = (source, path) }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> String {
        try vault.addConnector(source, from: path, as: session).name
    }
}

public struct RemoveConnector: Operation {
    public typealias Answer = Done

    private let name: String

    public init(_ name: String) { self.name = name }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.removeConnector(name, as: session)
        return Done()
    }
}

/// Gives the member who is unlocked one more way to unlock.
public struct AddSlot: Operation {
    public typealias Answer = Identifier

    private let credential: Credential

    public init(_ credential: Credential) { self.credential = credential }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Identifier {
        try vault.addSlot(credential, as: session)
    }
}

public struct RemoveSlot: Operation {
    public typealias Answer = Done

    private let id: Identifier

    public init(_ id: Identifier) { self.id = id }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.removeSlot(id, as: session)
        return Done()
    }
}

public struct RotateMasterKey: Operation {
    public typealias Answer = RotationReceipt

    private let resumeOnly: Bool

    public init(resumeOnly: Bool) { self.resumeOnly = resumeOnly }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationReceipt {
        try vault.rotateMasterKey(as: session, resumeOnly: resumeOnly)
    }
}

/// `audit verify` with every secret opened.
public struct VerifyVault: Operation {
    public static let isDoneByItsEntries = false

    public typealias Answer = VerifyReport

    private let checkpoint: String?
    private let onlyNew: Bool

    public init(checkpoint: String?, onlyNew: Bool) {
        (self.checkpoint, self.onlyNew) = (checkpoint, onlyNew)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> VerifyReport {
        try Vault.verify(vault.path, vault.surroundings, checkpoint: checkpoint, onlyNew: onlyNew) { _ in
            session
        }
    }
}

/// Takes a vault that went back in time for the true one.
public struct AcceptLedger: Operation {
    public typealias Answer = Done
    public init() {}

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try Vault.accept(vault.path, vault.surroundings) { _ in session }
        try vault.relearn()
        return Done()
    }
}

/// Signs a checkpoint as a witness; the newest one where none is given.
public struct CosignCheckpoint: Operation {
    public static let isDoneByItsEntries = false

    public typealias Answer = String

    private let checkpoint: String?

    public init(_ checkpoint: String?) { self.checkpoint = checkpoint }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> String {
        try vault.cosign(checkpoint, as: session)
    }
}

/// Seals connections to a member of another vault; the answer is the bundle's text.
public struct ExportBundle: Operation {
    public static let isDoneByItsEntries = false

    public typealias Answer = String

    private let names: [String]
    private let recipient: String

    public init(of names: [String], to recipient: String) {
        (self.names, self.recipient) = (names, recipient)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> String {
        try vault.exportBundle(names, to: recipient, as: session)
    }
}

/// Takes a bundle in.
public struct ImportBundle: Operation {
    public typealias Answer = ImportReport

    private let text: String
    private let signer: String?
    private let isDryRun: Bool

    public init(_ text: String, signedBy signer: String?, dryRun: Bool) {
        (self.text, self.signer, isDryRun) = (text, signer, dryRun)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> ImportReport {
        try vault.importBundle(text, signedBy: signer, dryRun: isDryRun, as: session)
    }
}
