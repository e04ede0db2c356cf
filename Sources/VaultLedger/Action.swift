/// An action that an entry records; the raw value is the entry's `action`.
public enum Action: String, Sendable, CaseIterable, Codable {
    case createVault = "vault.create"
    case addMember = "member.add"
    case changeRole = "member.role"
    case removeMember = "member.remove"
    case addSlot = "slot.add"
    case removeSlot = "slot.remove"
    /// The member unlocked with a recovery code.
    case useRecovery = "slot.recover"
    case beginEpoch = "key.rotate"
    case retireEpoch = "key.retire"
    /// A batch of secrets was resealed under the current master key.
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
    /// Deposits of an owner were sealed under the master key; their values are unchanged.
    case sealDeposit = "secret.seal"
    /// The sealed bytes that an older program wrote were recorded.
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
    /// Whether entries of this action, and no others, record the state of their owner afterwards. The rows of an owner
    /// are checked against the newest such entry.
    public var recordsState: Bool {
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

    /// Whether the action changes members, slots, epochs or connectors, so that replay needs the whole entry.
    var changesLedgerState: Bool {
        switch self {
        case .createVault, .addMember, .changeRole, .removeMember, .addSlot, .removeSlot, .useRecovery,
            .beginEpoch, .retireEpoch, .addConnector, .removeConnector:
            true
        case .createConnection, .editConnection, .annotateConnection, .removeConnection, .execConnection,
            .exportConnection, .allowUses, .testConnection, .testedConnection, .requestConnection,
            .proxyConnection, .tokenOfConnection, .createClient, .editClient, .removeClient, .mintToken,
            .setSecret, .sealDeposit, .verifySecret, .rollBackSecret, .destroySecret, .startRotation,
            .testRotation, .finishRotation, .abortRotation, .resealSecrets, .coverSecrets, .acceptLedger,
            .refused:
            false
        }
    }

    /// Whether the action uses a secret.
    public var isUse: Bool { use != nil || self == .mintToken }

    /// Whether a member with a temporary slot may do it. Until they replace the passphrase, someone else could act in
    /// their name.
    var isAllowedWithTemporarySlot: Bool { [.addSlot, .removeSlot, .useRecovery, .refused].contains(self) }

    /// Whether the entry signs a digest list.
    public var hasList: Bool { self == .resealSecrets || self == .coverSecrets }

    /// Whether the action creates the owner.
    public var isCreation: Bool { self == .createConnection || self == .createClient }

    /// Whether the action removes the owner.
    public var isRemoval: Bool { self == .removeConnection || self == .removeClient }

    /// Whether the action may add versions of secrets.
    var addsVersions: Bool {
        isCreation || [.editConnection, .editClient, .setSecret, .startRotation].contains(self)
    }

    /// The kinds of object that the action applies to.
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
    /// The use of a connection's secrets that the action records; `nil` for other actions.
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
    /// Whether the action changes the members or their roles.
    public var changesMembers: Bool {
        [.createVault, .addMember, .changeRole, .removeMember].contains(self)
    }
}
