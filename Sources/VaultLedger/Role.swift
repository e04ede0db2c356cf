/// The role of a member, which decides what they may do (docs/format.md, section 9).
public enum Role: String, Sendable, CaseIterable, Codable {
    case admin, user, writer, auditor

    /// Whether members with this role hold a grant of the master key, and so can open secrets.
    public var mayOpen: Bool { self == .admin || self == .user }

    /// Whether a member with this role may be the author of an entry with this action.
    ///
    /// The `switch` is exhaustive, so a new action doesn't compile without a decision.
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
