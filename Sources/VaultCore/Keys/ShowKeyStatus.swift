import VaultLedger
import VaultStore

/// The state of the master key.
public struct ShowKeyStatus: ReadQuery {
    public typealias Answer = KeyStatus

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> KeyStatus {
        guard let epoch = vault.state.epoch else { throw VaultError.integrity(.ledger(.noBeginning)) }
        let granted = try rows.grantedMembers(epoch: epoch.number)
        return KeyStatus(
            epoch: epoch.number, retiring: vault.state.retiring?.number,
            secrets: try rows.countSecretsByEpoch().map {
                KeyStatus.EpochCount(epoch: $0.epoch, count: $0.count)
            },
            members: vault.state.members.filter { granted.contains($0.id.bytes) }.map(\.name),
            unsigned: Int(clamping: vault.state.secrets?.uncovered ?? 0),
            isSignedNext: vault.state.secrets?.isCovered == false)
    }
}

/// The state of the master key: its epoch, whether a rotation is under way, and the number of secrets in each epoch.
public struct KeyStatus: Sendable, Equatable, Codable {
    /// The current epoch, from 1.
    public let epoch: UInt64
    /// The epoch that a rotation is retiring; nil if none is under way.
    public let retiring: UInt64?
    /// The number of secrets in each epoch that has any.
    public let secrets: [EpochCount]
    /// The names of the members with a grant of the current epoch.
    public let members: [String]
    /// Secrets with sealed bytes that no entry covers, because an older program sealed them.
    public let unsigned: Int
    /// Whether the next change by a member who may open secrets covers them; if not, they were altered in the file.
    public let isSignedNext: Bool

    /// The number of secrets in one epoch.
    public struct EpochCount: Sendable, Equatable, Codable {
        /// The epoch.
        public let epoch: UInt64
        /// The number of secrets, of every version.
        public let count: Int
    }
}
