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

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> RotationReceipt {
        try VaultError.catching {
            let lock = try RotationLock(beside: vault.path)
            defer { lock.release() }
            if let receipt = try vault.resumeRotation(as: session) { return receipt }
            if resumeOnly { throw VaultError.masterKey(.nothingToResume) }
            try vault.beginRotation(as: session)
            return try vault.completeRotation(as: session)
        }
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
    /// Rotates the master key, and begins in the same transaction that revokes a member's right to open secrets.
    ///
    /// A rotation that had stopped is completed first, since there are never more than two epochs.
    func rotateMasterKey(
        as session: Session, revoking revoke: (inout Transaction) throws -> Void
    ) throws -> RotationReceipt {
        let lock = try RotationLock(beside: path)
        defer { lock.release() }
        _ = try resumeRotation(as: session)
        try beginRotation(as: session, revoking: revoke)
        return try completeRotation(as: session)
    }

    /// Continues a rotation that had stopped. Returns nil if none had.
    fileprivate func resumeRotation(as session: Session) throws -> RotationReceipt? {
        try read { _ in }
        guard let old = state.retiring else { return nil }
        try change(as: session) { try $0.mayDo(.beginEpoch) }
        surroundings.notice(.resuming(epoch: old.number))
        return try completeRotation(isResumed: true, as: session)
    }

    fileprivate func completeRotation(isResumed: Bool = false, as session: Session) throws -> RotationReceipt
    {
        guard let old = state.retiring, let new = state.epoch else {
            throw VaultError.masterKey(.nothingToResume)
        }
        do throws(VaultError) {
            return try VaultError.catching {
                try complete(from: old, to: new, isResumed: isResumed, as: session)
            }
        } catch {
            throw error.stopsRotation
                ? .masterKey(.rotationStopped(epoch: new.number, because: error)) : error
        }
    }

    private func complete(
        from old: LedgerState.Epoch, to new: LedgerState.Epoch, isResumed: Bool, as session: Session
    ) throws -> RotationReceipt {
        // Deposits open differently from seals. No new one can arrive for the old key.
        _ = try SealDeposits().perform(in: self, as: session)
        try reseal(from: old.number, to: new.number, isResumed: isResumed, as: session)
        let count = try finishRotation(from: old.number, as: session)
        return RotationReceipt(from: old.number, to: new.number, resealed: count)
    }

    fileprivate func beginRotation(
        as session: Session, revoking revoke: (inout Transaction) throws -> Void = { _ in }
    ) throws {
        try change(as: session) { transaction in
            try revoke(&transaction)
            try transaction.mayDo(.beginEpoch)
            guard let current = transaction.state.epoch else {
                throw VaultError.integrity(.ledger(.noBeginning))
            }
            let old = try session.masterKey(current.number, transaction.ledger, transaction.rows)
            let new = session.keep(MasterKey.generate(epoch: current.number + 1))
            let sealed = try new.key.sealPrevious(old.key, vault: transaction.vault)
            try transaction.beginEpoch(new.key, sealing: sealed)
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
}

extension Vault {
    /// The rows with sealed bytes that differ from the ledger.
    private func exchangedRows(_ transaction: Transaction) throws -> [Tampering] {
        var faults: [Tampering] = []
        try transaction.rows.forEachOwnerRow { owner in
            do { _ = try transaction.signedState(of: owner) } catch VaultError.integrity(.tampered(let fault))
            {
                faults.append(fault)
            }
        }
        return faults + (try missingOwners(transaction.rows))
    }
}

/// Prevents two rotations of the same vault at a time: an advisory lock on the vault's folder, released with the process.
private struct RotationLock: ~Copyable {
    private let descriptor: Int32

    init(beside path: String) throws(VaultError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        descriptor = unsafe platform_open(
            folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw PrivateFile.fault(folder) }
        guard platform_lock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .masterKey(.rotationInProgress)
        }
    }

    borrowing func release() { close(descriptor) }
}
