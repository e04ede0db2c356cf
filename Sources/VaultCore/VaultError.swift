public import VaultLedger
public import VaultRegistry

/// Everything that an operation can fail with, by area.
///
/// The cases carry names and paths, never secret values. The command line turns each area into messages and exit codes in
/// an exhaustive `switch`.
public enum VaultError: Error, Equatable, Codable {
    case file(FileError)
    case backup(BackupError)
    case bundle(BundleFault)
    case unlock(UnlockError)
    case input(InputError)
    case access(AccessError)
    case use(UseError)
    /// The network or the provider failed.
    case outside(OutsideFault)
    case connector(ConnectorError)
    case member(MemberError)
    case integrity(IntegrityError)
    /// The rotation of a credential, or a change of its versions.
    case rotation(RotationFault)
    case masterKey(MasterKeyError)
    /// Canceled by the caller or by a lock. Completed batches are kept.
    case interrupted
    case agent(AgentFault)
}

extension VaultError {
    /// A failure of the vault's file, its folder or the disk.
    public enum FileError: Sendable, Equatable, Codable {
        case noVault(path: String)
        case vaultExists(path: String)
        /// The file or its folder is accessible to others. `fix` is a shell command or an instruction.
        case unsafePath(path: String, why: String, fix: String?)
        case notAVault(path: String)
        /// The schema version is newer than the `supported` one.
        case tooNew(path: String, version: Int, supported: Int)
        case alteredSchema(path: String, object: String)
        case damaged(path: String, detail: String)
        /// The search index can't be used, or couldn't before it was rebuilt.
        case searchIndex(isRebuilt: Bool)
        case busy(path: String)
        /// The file at the path is no longer the open one.
        case moved(path: String)
        case inUse(path: String)
        case full(path: String)
        case readOnly(path: String)
        /// The file system is read-only, and the write-ahead log holds changes that only a writer can recover.
        case readOnlyLog(path: String)
        case io(path: String, why: String)
        /// It is unknown whether the change is in the file. New files that belong to it are kept.
        case outcomeUnknown(path: String, why: String)
    }

    /// A backup can't be created or restored.
    public enum BackupError: Sendable, Equatable, Codable {
        case noFile(path: String)
        case fileExists(path: String)
        case truncated(path: String, found: UInt64, whole: UInt64)
        /// There is a vault at the path, and replacing it was not requested.
        case vaultInPlace(path: String)
        /// The file at the path is not a vault, or another one.
        case cannotReplace(path: String, why: String)
        /// The backup has fewer entries than this user has seen.
        case olderThanSeen(entries: UInt64, seen: UInt64, at: Timestamp)
        /// The backup has other entries than this user has seen.
        case forked(entries: UInt64, seen: UInt64, at: Timestamp)
    }

    /// The vault can't be unlocked, or a slot can't be changed.
    public enum UnlockError: Sendable, Equatable, Codable {
        case memberUnknown(name: String, members: [String])
        case memberUnspecified(members: [String])
        case wrongCredential(member: String, kind: String)
        case noSlot(member: String, kind: String)
        case credentialMalformed(kind: String, why: String)
        case slotRefused(member: String, why: SlotRefusal)
        case outOfMemory
        case grantMissing(member: String, epoch: UInt64)
        case slotNotFound(String)
        case lastSlot(member: String)
        /// The member has not replaced the passphrase that an admin chose.
        case mustReplacePassphrase(member: String)
        /// `fix` is a shell command.
        case keyFile(path: String, why: String, fix: String?)
    }

    /// Why a slot in the file is not used.
    public enum SlotRefusal: Sendable, Equatable, Codable {
        case cost, kind, format, removed
    }

    /// A parameter of an operation is invalid, or does not fit the vault's state.
    public enum InputError: Sendable, Equatable, Codable {
        case notFound(kind: OwnerKind, name: String, nearest: [String])
        case alreadyExists(kind: OwnerKind, name: String, taken: String)
        case invalid([Problem])
        /// An edit without every secret of the owner.
        case secretsNeeded(owner: String, fields: [String])
        case nothingToDo(String)
        case changedConcurrently(name: String)
        case clientInUse(name: String, by: [String], why: String)
        /// A deposit does not open, or its value is not valid for its field.
        case depositUnusable(owner: String, field: String)
        case noSuchSecret(owner: String, field: String, fields: [String])
        case entryNotFound(UInt64)
    }

    /// A role or a policy does not allow an action. The ledger records the attempt.
    public enum AccessError: Sendable, Equatable, Codable {
        case forbidden(member: String, role: Role, action: Action)
        case noLongerMember(name: String)
        case useRefused(name: String, id: Identifier, use: Use, allowed: [Use])
        case pathRefused(name: String, id: Identifier, method: String, path: String, rules: [String])
        /// The policy restricts paths, and the header could make the provider use another one.
        case headerRefused(name: String, id: Identifier, header: String)
        /// The connector, or a client's valid domain names, do not allow the host.
        case hostRefused(name: String, id: Identifier?, host: String)
    }

    /// A connection can't be used as requested.
    public enum UseError: Sendable, Equatable, Codable {
        case variablesCollide(variable: String, first: String, second: String)
        case needsToken(name: String)
        case noVariables(name: String, connector: String)
        /// The connector defines no authentication for HTTP.
        case noHTTP(name: String, connector: String)
        case noTest(name: String, connector: String)
        case unsupportedGrant(name: String, connector: String)
    }

    /// A connector can't be found, added or removed.
    public enum ConnectorError: Sendable, Equatable, Codable {
        case unknown(name: String, nearest: [String])
        case taken(name: String, isBuiltIn: Bool)
        case inUse(name: String)
        case invalidFile(path: String, [Diagnostic])
    }

    /// A member can't be added, changed or removed.
    public enum MemberError: Sendable, Equatable, Codable {
        case nameTaken(name: String, taken: String)
        /// The identity in the request is already a member's.
        case alreadyMember(name: String)
        case requestRefused(MemberRequestError)
        case sameRole(member: String, role: Role)
        case lastAdmin(member: String)
        /// Members must not make the master key that is to exclude them.
        case notForOneself(member: String)
        case changed(name: String)
    }

    /// The ledger, the rows, the anchor, a checkpoint or a proof contradict each other.
    public enum IntegrityError: Sendable, Equatable, Codable {
        case ledger(LedgerError)
        /// The vault has fewer entries than this user has seen.
        case rolledBack(seen: UInt64, at: Timestamp, found: UInt64)
        /// The vault has other entries than this user has seen.
        case forked(size: UInt64, at: Timestamp)
        case anchorDamaged(path: String)
        case tampered(Tampering)
        case verificationFailed([Tampering])
        case checkpoint(CheckpointFault)
        case proof(EntryProofError)
    }

    /// The rotation of the master key can't start or finish.
    public indirect enum MasterKeyError: Sendable, Equatable, Codable {
        case rotationInProgress
        case nothingToResume
        case secretsNotResealed([String], left: Int)
        /// The new epoch has begun, and not every secret is sealed under it yet.
        case rotationStopped(epoch: UInt64, because: VaultError)
    }
}

/// Why a checkpoint that was kept elsewhere does not match this vault. `now` and `seen` are what this user has seen.
public enum CheckpointFault: Error, Sendable, Equatable, Codable {
    case malformed
    case otherVault
    /// It has more entries than the vault: entries were cut off, or this is an old copy.
    case future(size: UInt64, now: UInt64, seen: Timestamp)
    /// The vault's first `size` entries are others.
    case forked(size: UInt64, now: UInt64, seen: Timestamp)
    /// It is not signed by a member of that time.
    case unsigned(size: UInt64)
    case forgedCosignature(name: String)
    /// No transaction ended with `size` entries, so it can't have been signed.
    case noHead(size: UInt64)
    /// It is not the newest one, which a witness signs.
    case outdated(size: UInt64, now: UInt64)
    /// It has the largest number of signatures.
    case full
}

/// Why a bundle is not imported.
public enum BundleFault: Error, Sendable, Equatable, Codable {
    case malformed(line: Int)
    case truncated
    /// It was changed after it was signed.
    case forged
    /// It is sealed to another key than that of the member who imports it.
    case otherRecipient(to: String, yours: String)
    /// It is signed by another key than the required one.
    case otherExporter(name: String, key: String)
    case doesNotOpen(owner: String, field: String)
    case recipientKey
    /// All names in the bundle that exist in this vault.
    case namesTaken([TakenName])
}

/// A name in a bundle, and the name in this vault that it equals or resembles.
public struct TakenName: Sendable, Equatable, Codable {
    /// The kind of both.
    public let kind: OwnerKind
    /// The name in the bundle.
    public let name: String
    /// The name in this vault.
    public let taken: String
}

extension VaultError {
    /// Whether the change may have been made, so that files that belong to it must be kept.
    public var mayHaveChanged: Bool {
        switch self {
        case .file(.outcomeUnknown), .masterKey(.rotationStopped), .agent(.gone), .agent(.goneAfterChange),
            .agent(.malformed):
            true
        default: false
        }
    }
}

extension MemberName {
    static func problem(_ name: String) -> Problem {
        Problem(
            field: "member", message: "invalid member name '\(name)'",
            hint: "use 1 to 64 of a-z, 0-9, '.', '_' and '-', such as ana or build-server")
    }
}
