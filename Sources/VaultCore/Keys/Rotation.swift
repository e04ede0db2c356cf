import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import VaultCrypto
import VaultLedger
import VaultStore

/// What a rotation of the master key did.
public struct RotationReceipt: Sendable, Equatable, Codable {
    public let from: UInt64
    public let to: UInt64
    public let resealed: Int
}

/// The master key as it stands: its epoch, whether a rotation goes on, and the secrets under each epoch.
public struct KeyStatus: Sendable, Equatable {
    public let epoch: UInt64
    public let retiring: UInt64?
    public let secrets: [(epoch: UInt64, count: Int)]
    public let members: [String]
    /// Secrets whose sealed bytes no entry has signed: an older program sealed them.
    public let unsigned: Int
    /// Whether the next change by a member who may open signs them; otherwise they were changed in the file.
    public let isSignedNext: Bool

    public static func == (a: KeyStatus, b: KeyStatus) -> Bool {
        a.epoch == b.epoch && a.retiring == b.retiring && a.members == b.members
            && a.unsigned == b.unsigned && a.isSignedNext == b.isSignedNext
            && a.secrets.elementsEqual(b.secrets, by: ==)
    }
}

extension Vault {
    /// Replaces the master key (design of trust, section 6).
    ///
    /// First one transaction that begins the epoch; then batches that seal each secret again, in short transactions
    /// that other writers fit between; then one that says how many there are now and forgets the old key. The rows of
    /// the old epoch are the progress, so a rotation that was stopped anywhere goes on where it was.
    public func rotateMasterKey(as session: Session, resumeOnly: Bool = false) throws(VaultError)
        -> RotationReceipt
    {
        try VaultError.catching {
            let lock = try RotationLock(beside: path)
            defer { lock.release() }
            if let receipt = try resumeRotation(as: session) { return receipt }
            if resumeOnly { throw VaultError.nothingToResume }
            try beginRotation(as: session)
            return try completeRotation(as: session)
        }
    }

    /// A rotation that begins in the very transaction that takes somebody's right to open away.
    ///
    /// One that had stopped is finished before, since there are never more than two epochs.
    func rotateMasterKey(
        as session: Session, taking take: (inout Transaction) throws -> Void
    ) throws -> RotationReceipt {
        let lock = try RotationLock(beside: path)
        defer { lock.release() }
        _ = try resumeRotation(as: session)
        try beginRotation(as: session, after: take)
        return try completeRotation(as: session)
    }

    /// Goes on with a rotation that had stopped; nil when none had.
    private func resumeRotation(as session: Session) throws -> RotationReceipt? {
        try read { _ in }
        guard let old = state.retiring else { return nil }
        try change(as: session) { try $0.mayDo(.beginEpoch) }
        surroundings.notice(.resuming(epoch: old.number))
        return try completeRotation(isResumed: true, as: session)
    }

    private func completeRotation(isResumed: Bool = false, as session: Session) throws -> RotationReceipt {
        guard let old = state.retiring, let new = state.epoch else { throw VaultError.nothingToResume }
        do throws(VaultError) {
            return try VaultError.catching {
                try complete(from: old, to: new, isResumed: isResumed, as: session)
            }
        } catch {
            throw error.stopsRotation ? .rotationStopped(epoch: new.number, because: error) : error
        }
    }

    private func complete(
        from old: LedgerState.Epoch, to new: LedgerState.Epoch, isResumed: Bool, as session: Session
    ) throws -> RotationReceipt {
        // Deposits open otherwise than seals; none for the old key can come any more.
        try sealDeposits(as: session)
        try reseal(from: old.number, to: new.number, isResumed: isResumed, as: session)
        let count = try finishRotation(from: old.number, as: session)
        return RotationReceipt(from: old.number, to: new.number, resealed: count)
    }

    public func keyStatus() throws(VaultError) -> KeyStatus {
        try VaultError.catching {
            try read { rows in
                guard let epoch = state.epoch else { throw VaultError.ledger(.noBeginning) }
                let granted = try rows.grantedMembers(epoch: epoch.number)
                // Between rotations there is one epoch, and an index is counted instead of the secrets' own rows.
                let isRotating = state.retiring != nil
                let count = isRotating ? 0 : try rows.countSecrets()
                return KeyStatus(
                    epoch: epoch.number, retiring: state.retiring?.number,
                    secrets: try isRotating
                        ? rows.countSecretsByEpoch() : count == 0 ? [] : [(epoch.number, count)],
                    members: state.members.filter { granted.contains($0.id.bytes) }.map(\.name),
                    unsigned: Int(clamping: state.secrets?.uncovered ?? 0),
                    isSignedNext: state.secrets?.isCovered == false)
            }
        }
    }

    private func beginRotation(
        as session: Session, after take: (inout Transaction) throws -> Void = { _ in }
    ) throws {
        try change(as: session) { transaction in
            try take(&transaction)
            try transaction.mayDo(.beginEpoch)
            guard let current = transaction.state.epoch else { throw VaultError.ledger(.noBeginning) }
            let old = try session.masterKey(current.number, transaction.ledger, transaction.rows)
            let new = session.keep(MasterKey.generate(epoch: current.number + 1))
            let sealed = try new.key.sealPrevious(old.key, vault: transaction.vault)
            try transaction.beginEpoch(new.key, sealing: sealed)
        }
    }

    private func finishRotation(from old: UInt64, as session: Session) throws -> Int {
        try change(as: session) { transaction in
            // Also those of an epoch that has never been: the key that might mend them must not go.
            let left = try transaction.rows.countSecrets(notOf: old + 1)
            guard left == 0 else { throw VaultError.rowsNotResealed([], left: left) }
            // And what the ledger knows to be under it, whatever the rows say.
            if let secrets = transaction.state.secrets, secrets.secrets(under: old) + secrets.uncovered > 0 {
                throw VaultError.verificationFailed(try self.exchangedRows(transaction))
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
    /// The rows that are not what the ledger says of their sealed bytes.
    private func exchangedRows(_ transaction: Transaction) throws -> [Tampering] {
        var faults: [Tampering] = []
        try transaction.rows.forEachOwnerRow { owner in
            do { _ = try transaction.signedState(of: owner) } catch VaultError.tampered(let fault) {
                faults.append(fault)
            }
        }
        return faults + (try missingOwners(transaction.rows))
    }
}

/// Keeps a second rotation of the same vault out while one runs: a lock on the vault's folder, gone with the process.
private struct RotationLock: ~Copyable {
    private let descriptor: Int32

    init(beside path: String) throws(VaultError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        descriptor = unsafe platform_open(
            folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw PrivateFile.fault(folder) }
        guard platform_lock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .rotationUnderWay
        }
    }

    borrowing func release() { close(descriptor) }
}
