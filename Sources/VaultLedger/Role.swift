/// What a member may do (design of trust, section 5).
public enum Role: String, Sendable, CaseIterable, Codable {
    case admin, user, writer, auditor

    /// Whether members of this role hold a grant, and so can open secrets.
    public var mayOpen: Bool { self == .admin || self == .user }

    /// Whether a member of this role may be the author of such an entry.
    ///
    /// One exhaustive `switch`, so that a new action does not compile until somebody has said whose it is.
    public func allows(_ action: Action) -> Bool {
        switch action {
        case .createVault, .addMember, .changeRole, .removeMember, .beginEpoch, .retireEpoch, .addConnector,
            .removeConnector, .acceptLedger, .exportConnection, .allowUses, .resealSecrets:
            self == .admin
        case .addSlot, .removeSlot, .useRecovery, .refused:
            true
        case .createConnection, .editConnection, .createClient, .editClient, .setSecret:
            self != .auditor
        case .annotateConnection, .removeConnection, .removeClient, .sealDeposit, .verifySecret,
            .execConnection, .testConnection, .testedConnection, .requestConnection, .proxyConnection,
            .tokenOfConnection, .mintToken, .startRotation, .testRotation, .finishRotation, .abortRotation,
            .rollBackSecret, .destroySecret, .coverSecrets:
            mayOpen
        }
    }
}

/// What an entry says was done; the raw value is the entry's `action`.
public enum Action: String, Sendable, CaseIterable, Codable {
    case createVault = "vault.create"
    case addMember = "member.add"
    case changeRole = "member.role"
    case removeMember = "member.remove"
    case addSlot = "slot.add"
    case removeSlot = "slot.remove"
    /// Somebody unlocked with a recovery code.
    case useRecovery = "slot.recover"
    case beginEpoch = "key.rotate"
    case retireEpoch = "key.retire"
    /// A batch of secrets was sealed under the present master key instead of the retiring one.
    case resealSecrets = "key.reseal"
    case addConnector = "connector.add"
    case removeConnector = "connector.remove"
    case createConnection = "connection.create"
    case editConnection = "connection.edit"
    case annotateConnection = "connection.annotate"
    case removeConnection = "connection.remove"
    case allowUses = "connection.allow"
    case execConnection = "connection.exec"
    case exportConnection = "connection.export"
    case testConnection = "connection.test"
    case testedConnection = "connection.tested"
    case requestConnection = "connection.request"
    case proxyConnection = "connection.proxy"
    case tokenOfConnection = "connection.token"
    case createClient = "client.create"
    case editClient = "client.edit"
    case removeClient = "client.remove"
    case mintToken = "client.mint"
    case setSecret = "secret.set"
    /// Deposits of an owner were sealed under the master key; nothing that they hold has changed.
    case sealDeposit = "secret.seal"
    /// Says what the sealed bytes are that an older program has written.
    case coverSecrets = "secret.cover"
    case verifySecret = "secret.verify"
    case rollBackSecret = "secret.rollback"
    case destroySecret = "secret.destroy"
    case startRotation = "rotation.start"
    case testRotation = "rotation.test"
    case finishRotation = "rotation.finish"
    case abortRotation = "rotation.abort"
    case acceptLedger = "audit.accept"
    case refused = "access.refused"
}

extension Action {
    /// Whether an entry of this action tells the state of the owner that it led to; no other may, since the newest
    /// such entry is what an owner's rows are held against.
    var leadsToState: Bool {
        switch self {
        case .createConnection, .editConnection, .annotateConnection, .removeConnection, .createClient,
            .editClient,
            .removeClient, .setSecret, .sealDeposit, .rollBackSecret, .destroySecret, .startRotation,
            .testRotation, .finishRotation, .abortRotation, .allowUses:
            true
        case .createVault, .addMember, .changeRole, .removeMember, .addSlot, .removeSlot, .useRecovery,
            .beginEpoch, .retireEpoch, .addConnector, .removeConnector, .execConnection, .exportConnection,
            .testConnection,
            .testedConnection, .requestConnection, .proxyConnection, .tokenOfConnection, .mintToken,
            .verifySecret, .resealSecrets, .coverSecrets,
            .acceptLedger, .refused:
            false
        }
    }

    /// Whether replay needs more of it than the secrets of its state: members, slots, epochs, connectors, digest lists.
    var movesState: Bool {
        switch self {
        case .createVault, .addMember, .changeRole, .removeMember, .addSlot, .removeSlot, .useRecovery,
            .beginEpoch, .retireEpoch, .resealSecrets, .coverSecrets, .addConnector, .removeConnector:
            true
        case .createConnection, .editConnection, .annotateConnection, .removeConnection, .execConnection,
            .exportConnection, .allowUses, .testConnection, .testedConnection, .requestConnection,
            .proxyConnection, .tokenOfConnection, .createClient, .editClient, .removeClient, .mintToken,
            .setSecret, .sealDeposit, .verifySecret, .rollBackSecret, .destroySecret, .startRotation,
            .testRotation, .finishRotation, .abortRotation, .acceptLedger, .refused:
            false
        }
    }

    /// Whether it opened a secret for a purpose.
    public var isUse: Bool { use != nil || self == .mintToken }

    /// Whether it may be done with a passphrase that somebody else has chosen: until that is replaced, what a member
    /// does could be the other's doing.
    var isAllowedAtFirst: Bool { [.addSlot, .removeSlot, .useRecovery, .refused].contains(self) }

    /// Whether its entry has a digest list.
    public var hasList: Bool { self == .resealSecrets || self == .coverSecrets }

    /// Whether it makes the owner that it is about.
    public var isCreation: Bool { self == .createConnection || self == .createClient }

    /// Whether it takes away the owner that it is about.
    public var isRemoval: Bool { self == .removeConnection || self == .removeClient }

    /// Whether the state that it leads to may have versions of secrets that were not there before.
    var bringsVersions: Bool {
        isCreation || [.editConnection, .editClient, .setSecret, .startRotation].contains(self)
    }

    /// What this action can be done to.
    var objects: [Entry.Object.Kind] {
        switch self {
        case .createVault, .acceptLedger, .coverSecrets: [.vault]
        case .addMember, .changeRole, .removeMember, .addSlot, .removeSlot, .useRecovery: [.member]
        case .beginEpoch, .retireEpoch, .resealSecrets: [.key]
        case .addConnector, .removeConnector: [.connector]
        case .createConnection, .editConnection, .removeConnection, .execConnection, .allowUses,
            .testConnection, .testedConnection, .requestConnection, .proxyConnection, .tokenOfConnection:
            [.connection]
        case .createClient, .editClient, .removeClient, .mintToken: [.client]
        case .annotateConnection, .exportConnection, .setSecret, .sealDeposit, .verifySecret, .rollBackSecret,
            .destroySecret, .startRotation, .testRotation, .finishRotation, .abortRotation:
            [.connection, .client]
        case .refused: [.vault, .connection]
        }
    }
}

extension Action {
    /// What a connection was used for by an entry of this action; nil for what is no use of its secrets.
    public var use: String? {
        switch self {
        case .execConnection: "exec"
        case .testConnection: "test"
        case .requestConnection: "request"
        case .proxyConnection: "proxy"
        case .tokenOfConnection: "token"
        default: nil
        }
    }
}
