// The room VaultCore: every operation of the vault, one place each. It alone joins keys, rules, ledger and rows.
//
// How a change travels, and the only way one does: an operation checks the rules (VaultRegistry), seals
// (VaultCrypto), and hands rows, entries and one signed head to a single transaction (VaultStore); then the anchor
// outside the file is moved. What it throws is a `VaultError`, whose cases carry names and paths, never values.

public import VaultLedger
public import VaultRegistry
import VaultStore

/// Everything that an operation can fail with. The command line turns each case into its message and exit code in
/// one exhaustive `switch`.
public indirect enum VaultError: Error, Equatable, Codable {
    // The file.
    case noVault(path: String)
    case vaultExists(path: String)
    case unsafePath(path: String, why: String, mend: String?)
    case notAVault(path: String)
    case tooNew(path: String, version: Int)
    case alteredSchema(path: String, object: String)
    case damaged(path: String, detail: String)
    /// The search index cannot be used, or could not before it was made again.
    case searchIndex(isRebuilt: Bool)
    case busy(path: String)
    /// The open file is not the one at its path any more.
    case moved(path: String)
    case inUse(path: String)
    case full(path: String)
    case readOnly(path: String)
    /// The file system is read-only, and the write-ahead log holds changes that only a writer can bring in.
    case readOnlyLog(path: String)
    case io(path: String, why: String)
    /// Whether the change is in the file cannot be told; everything that belongs to it is kept.
    case outcomeUnknown(path: String, why: String)

    // Backups.
    case noFile(path: String)
    case fileExists(path: String)
    case backupCutShort(path: String, found: UInt64, whole: UInt64)
    /// There is a vault where one is to be restored, and nobody said that it may be replaced.
    case kept(path: String)
    /// What is at the place to restore to is no vault, or another one.
    case cannotReplace(path: String, why: String)
    /// The backup contradicts what this user has seen, and nobody has accepted that.
    case backInTime(entries: UInt64, seen: UInt64, at: Timestamp)
    case backupForked(entries: UInt64, seen: UInt64, at: Timestamp)

    // Bundles.
    case bundle(BundleFault)
    /// Names of a bundle that are taken here, all of them.
    case namesTaken([TakenName])

    // Unlocking.
    case memberUnknown(name: String, members: [String])
    case memberNotNamed(members: [String])
    case wrongCredential(member: String, kind: String)
    case noSlot(member: String, kind: String)
    case credentialMalformed(kind: String, why: String)
    case slotRefused(member: String, why: SlotRefusal)
    case outOfMemory
    case grantMissing(member: String, epoch: UInt64)
    case slotNotFound(String)
    case lastSlot(member: String)
    /// The passphrase is still the one that somebody else has chosen.
    case firstPassphrase(member: String)
    case keyFile(path: String, why: String, mend: String?)

    // What was asked for.
    case notFound(kind: OwnerKind, name: String, nearest: [String])
    case alreadyExists(kind: OwnerKind, name: String, taken: String)
    case invalid([Problem])
    /// An edit without every secret of the owner.
    case secretsNeeded(owner: String, fields: [String])
    case nothingToDo(String)
    case changedMeanwhile(name: String)
    case clientInUse(name: String, by: [String], why: String)
    /// What somebody deposited does not open, or holds what its form does not take.
    case depositUnusable(owner: String, field: String)
    case noSuchSecret(owner: String, field: String, fields: [String])
    case variablesCollide(variable: String, first: String, second: String)
    case needsToken(name: String)
    /// The connector says no way to prove anything over HTTP.
    case noHTTP(name: String, connector: String)
    case noTest(name: String, connector: String)
    /// A way to get tokens that this program does not speak.
    case grantUnknown(name: String, connector: String)
    case noVariables(name: String, connector: String)

    /// The other side, or the way to it.
    case outside(OutsideFault)

    // Connectors.
    case connectorUnknown(name: String, nearest: [String])
    case connectorTaken(name: String, isBuiltIn: Bool)
    case connectorInUse(name: String)
    case connectorFile(path: String, [Diagnostic])

    // Who may do what.
    case forbidden(member: String, role: Role, action: Action)
    case noLongerMember(name: String)
    case useRefused(name: String, id: Identifier, use: Use, allowed: [Use])
    case pathRefused(name: String, id: Identifier, method: String, path: String, rules: [String])
    /// The policy restricts paths, and the header could make the provider take the request for another one.
    case headerRefused(name: String, id: Identifier, header: String)
    /// A host that the connector, or a client's valid domain names, do not allow.
    case hostRefused(name: String, id: Identifier?, host: String)

    // Members.
    case memberTaken(name: String, taken: String)
    /// The identity of a request is a member's already.
    case alreadyMember(name: String)
    case requestRefused(MemberRequest.Misfit)
    case sameRole(member: String, role: Role)
    case lastAdmin(member: String)
    /// What somebody else has to do: whoever goes must not make the master key that is to keep them out.
    case notForOneself(member: String)
    case memberChanged(name: String)

    // Trust.
    case ledger(LedgerFault)
    case rolledBack(seen: UInt64, at: Timestamp, found: UInt64)
    case forked(size: UInt64, at: Timestamp)
    case anchorDamaged(path: String)
    case tampered(Tampering)
    case verificationFailed([Tampering])
    case checkpoint(CheckpointFault)
    case proof(ProofFault)

    // Rotation: of a credential, and of the master key.
    case rotation(RotationFault)
    case rotationUnderWay
    case nothingToResume
    case rowsNotResealed([String], left: Int)
    /// The new epoch has begun, and not every secret is sealed under it yet.
    case rotationStopped(epoch: UInt64, because: VaultError)
    /// Whoever asked has gone, or the vault is being locked; what was done so far stays.
    case interrupted

    // The agent.
    case agent(AgentFault)

    case entryNotFound(UInt64)

    public enum SlotRefusal: Sendable, Equatable, Codable {
        case cost, kind, format, removed
    }
}

/// Why a checkpoint that was kept elsewhere does not fit this vault. `now` and `seen` tell what this user has seen.
public enum CheckpointFault: Error, Sendable, Equatable, Codable {
    case malformed
    case otherVault
    /// It has more entries than the vault: entries were cut off, or this is an old copy.
    case future(size: UInt64, now: UInt64, seen: Timestamp)
    /// The vault's first `size` entries are others.
    case forked(size: UInt64, now: UInt64, seen: Timestamp)
    /// No member of that time has signed it.
    case unsigned(size: UInt64)
    case forgedCosignature(name: String)
    /// No transaction ended there, so nobody can have signed it.
    case noHead(size: UInt64)
    /// A witness signs the newest only: the ledger has gone on.
    case outdated(size: UInt64, now: UInt64)
    /// It has as many signatures as a note may have.
    case full
}

/// Why a bundle is not imported.
public enum BundleFault: Error, Sendable, Equatable, Codable {
    case malformed(line: Int)
    case cutShort
    /// It was changed after it was signed.
    case forged
    /// It is sealed to another key than that of the member who imports it.
    case otherRecipient(to: String, yours: String)
    /// It is signed by another key than the one that was asked for.
    case otherExporter(name: String, key: String)
    case doesNotOpen(owner: String, field: String)
    case recipientKey
}

/// A name that an owner of a bundle has, and what has it here.
public struct TakenName: Sendable, Equatable, Codable {
    public let kind: OwnerKind
    public let name: String
    public let taken: String
}

extension VaultError {
    /// Whether the change that failed like this may have been made, or was: files that belong to it are kept.
    public var mayHaveChanged: Bool {
        switch self {
        case .outcomeUnknown, .rotationStopped, .agent(.gone), .agent(.goneAfterChange),
            .agent(.malformed):
            true
        default: false
        }
    }
}

extension MemberName {
    static func problem(_ name: String) -> Problem {
        Problem(
            field: "member", message: "'\(name)' cannot be a member's name",
            fits: "1 to 64 of a-z, 0-9, '.', '_' and '-', such as ana or build-server")
    }
}

extension VaultError {
    init(_ error: StoreError) {
        self =
            switch error {
            case .noVault(let path): .noVault(path: path)
            case .alreadyThere(let path): .vaultExists(path: path)
            case .unsafePath(let path, let why, let mend): .unsafePath(path: path, why: why, mend: mend)
            case .notAVault(let path): .notAVault(path: path)
            case .tooNew(let path, let version): .tooNew(path: path, version: version)
            case .alteredSchema(let path, let object): .alteredSchema(path: path, object: object)
            case .damaged(let path, let detail): .damaged(path: path, detail: detail)
            case .searchIndex: .searchIndex(isRebuilt: false)
            case .busy(let path): .busy(path: path)
            case .moved(let path): .moved(path: path)
            case .inUse(let path): .inUse(path: path)
            case .noFile(let path): .noFile(path: path)
            case .cutShort(let path, let found, let whole):
                .backupCutShort(path: path, found: found, whole: whole)
            case .full(let path): .full(path: path)
            case .readOnly(let path): .readOnly(path: path)
            case .readOnlyLog(let path): .readOnlyLog(path: path)
            case .outcomeUnknown(let path, let detail): .outcomeUnknown(path: path, why: detail)
            case .io(let path, let detail): .io(path: path, why: detail)
            case .nameTaken(let kind, let name, _):
                .alreadyExists(kind: OwnerKind(rawValue: kind) ?? .connection, name: name, taken: name)
            }
    }

    /// Whether the vault contradicts what this user has seen of it.
    var contradictsAnchor: Bool {
        switch self {
        case .rolledBack, .forked: true
        default: false
        }
    }

    /// Whether a rotation that has begun stops at this: a fault of the disk, the file system or another process, or an
    /// altered file. The others say themselves how the rotation stands.
    var stopsRotation: Bool {
        switch self {
        case .full, .readOnly, .io, .busy, .outcomeUnknown, .damaged, .ledger, .tampered: true
        default: false
        }
    }

    /// Runs a body whose failures are this error, the store's, or a mistake of this program.
    static func catching<T>(_ body: () throws -> T) throws(VaultError) -> T {
        do {
            return try body()
        } catch let error as VaultError {
            throw error
        } catch let error as StoreError {
            throw VaultError(error)
        } catch let problem as Problem {
            throw .invalid([problem])
        } catch {
            throw .io(path: "", why: "internal error: \(PlainWords.text(of: error))")
        }
    }
}
