import CPlatform
import Libc
import VaultCrypto
import VaultLedger
import VaultStore

/// Replaces the master key, or continues a rotation that stopped.
///
/// One transaction begins the new epoch; short transactions, between which others can write, seal each secret again; a last
/// one records the number of secrets and retires the old key. The rows that are still in the old epoch are the progress, so a
/// rotation continues wherever it stopped.
///
/// - Throws: `rotationInProgress`, `nothingToResume`, `interrupted`, `secretsNotResealed`, `rotationStopped`.
public struct RotateMasterKey: RemoteOperation {
    public typealias Answer = RotationReceipt

    private let resumeOnly: Bool

    /// Creates a rotation.
    ///
    /// - Parameter resumeOnly: Whether to fail with `nothingToResume` instead of starting a new rotation.
    public init(resumeOnly: Bool = false) { self.resumeOnly = resumeOnly }

    public func perform(in vault: Vault, as session: Session) throws -> RotationReceipt {
        try vault.rotateMasterKey(as: session, resumeOnly: resumeOnly)
    }
}

/// The result of a master key rotation.
public struct RotationReceipt: Sendable, Equatable, Codable {
    /// The epoch before.
    public let from: UInt64
    /// The new epoch.
    public let to: UInt64
    /// The number of secrets in the new epoch.
    public let resealed: Int
}

extension Vault {
    /// Rotates the master key. A rotation that had stopped is completed first, since there are never more than two epochs.
    ///
    /// - Parameter revoke: Revokes a member's right to open secrets, in the transaction that begins the epoch.
    func rotateMasterKey(
        as session: Session, resumeOnly: Bool = false,
        revoking revoke: ((inout Transaction) throws -> Void)? = nil
    ) throws -> RotationReceipt {
        // An advisory lock prevents two rotations of the same vault at a time. It is released with the process.
        let folder = PrivateFile.folder(of: path)
        let lock = unsafe platform_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard lock >= 0 else { throw PrivateFile.fault(folder) }
        defer { close(lock) }
        guard platform_lock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw VaultError.masterKey(.rotationInProgress)
        }
        try read { _ in }
        if let old = state.retiring {
            try change(as: session) { try $0.mayDo(.beginEpoch) }
            surroundings.notice(.resuming(epoch: old.number))
            let receipt = try completeRotation(as: session)
            if revoke == nil { return receipt }
        }
        if resumeOnly { throw VaultError.masterKey(.nothingToResume) }
        try change(as: session) { transaction in
            try revoke?(&transaction)
            try transaction.mayDo(.beginEpoch)
            guard let current = transaction.state.epoch else {
                throw VaultError.integrity(.ledger(.noBeginning))
            }
            let old = try session.masterKey(current.number, transaction.ledger, transaction.rows)
            let new = session.keep(MasterKey.generate(epoch: current.number + 1))
            let sealed = try new.key.sealPrevious(old.key, vault: transaction.vault)
            try transaction.beginEpoch(new.key, sealing: sealed)
        }
        return try completeRotation(as: session)
    }

    private func completeRotation(as session: Session) throws -> RotationReceipt {
        guard let old = state.retiring?.number, let new = state.epoch?.number else {
            throw VaultError.masterKey(.nothingToResume)
        }
        do throws(VaultError) {
            return try VaultError.catching {
                // Deposits open differently from seals. No new one can arrive for the old key.
                _ = try SealDeposits().perform(in: self, as: session)
                try reseal(from: old, to: new, as: session)
                return RotationReceipt(
                    from: old, to: new, resealed: try finishRotation(from: old, as: session))
            }
        } catch {
            switch error {
            // A failure of the disk or of another process, or an altered file. Other errors tell the state themselves.
            case .file(.full), .file(.readOnly), .file(.io), .file(.busy), .file(.outcomeUnknown),
                .file(.damaged), .integrity(.ledger), .integrity(.tampered):
                throw VaultError.masterKey(.rotationStopped(epoch: new, because: error))
            default: throw error
            }
        }
    }

    private func finishRotation(from old: UInt64, as session: Session) throws -> Int {
        try change(as: session) { transaction in
            // Counts rows of unknown epochs too: the key that might open them must not be lost.
            let left = try transaction.rows.countSecrets(notOf: old + 1)
            guard left == 0 else { throw VaultError.masterKey(.secretsNotResealed([], left: left)) }
            // The ledger's own count of secrets under the old key, which does not depend on the rows.
            if let secrets = transaction.state.secrets, secrets.secrets(under: old) + secrets.uncovered > 0 {
                throw VaultError.integrity(.verificationFailed(try self.exchangedRows(transaction)))
            }
            let count = try transaction.rows.countSecrets()
            try transaction.rows.retireEpoch(old)
            try transaction.record(
                .retireEpoch, Entry.Object(.key, name: "epoch \(old)"),
                Change(details: ["epoch": .integer(Int64(old)), "secrets": .integer(Int64(count))]))
            return count
        }
    }

    /// The rows with sealed bytes that differ from the ledger.
    private func exchangedRows(_ transaction: Transaction) throws -> [Tampering] {
        var faults: [Tampering] = []
        try transaction.rows.forEachOwnerRow { owner in
            do {
                _ = try transaction.signedState(of: owner)
            } catch VaultError.integrity(.tampered(let fault)) {
                faults.append(fault)
            }
        }
        return faults + (try missingOwners(transaction.rows))
    }
}
