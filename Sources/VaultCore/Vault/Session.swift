public import VaultCrypto
public import VaultLedger
import VaultStore

/// The unlocked identity of a member, and the master keys that were granted to them.
public final class Session {
    /// The member as of the unlock.
    public let member: LedgerState.Member
    let identity: Identity
    /// The slot that was unlocked; nil for the founder of a new vault.
    public let slot: Identifier?
    /// Whether secrets are only deposited: no grant is opened, even if there is one.
    private(set) var isDepositing: Bool
    /// The master keys that were opened, each on first use, by epoch.
    private var keys: [UInt64: KeyBox] = [:]

    init(
        member: LedgerState.Member, identity: consuming Identity, slot: Identifier? = nil,
        isDepositing: Bool = false
    ) {
        self.member = member
        self.identity = identity
        self.slot = slot
        self.isDepositing = isDepositing || !member.role.mayOpen
    }

    /// Whether the passphrase was chosen by another member, and must be replaced before anything else.
    public var mustReplacePassphrase: Bool { slot.map(member.temporary.contains) ?? false }

    /// Runs `body`, without opening a master key if `isDeposit`.
    func depositing<T>(_ isDeposit: Bool, _ body: () throws -> T) rethrows -> T {
        let before = isDepositing
        defer { isDepositing = before }
        isDepositing = before || isDeposit
        return try body()
    }

    /// Boxes a key, since a dictionary can't hold noncopyable values.
    final class KeyBox {
        let key: MasterKey
        init(_ key: consuming MasterKey) { self.key = key }
    }

    func keep(_ key: consuming MasterKey) -> KeyBox {
        let box = KeyBox(key)
        keys[box.key.epoch] = box
        return box
    }

    /// The master key of the current epoch, or of the epoch that a rotation is retiring.
    ///
    /// - Throws: `tampered` if a row does not open to the key in the ledger; `grantMissing`.
    func masterKey(_ epoch: UInt64, _ ledger: KnownLedger, _ rows: Rows) throws -> KeyBox {
        if let box = keys[epoch] { return box }
        guard let current = ledger.state.epoch else { throw VaultError.integrity(.ledger(.noBeginning)) }
        if epoch == current.number { return keep(try open(current, ledger, rows)) }
        guard let old = ledger.state.retiring, old.number == epoch,
            let sealed = try rows.epochs().first(where: { $0.epoch == current.number })?.sealedPrevious
        else { throw VaultError.integrity(.tampered(.epochRow(epoch: epoch))) }
        let newer = try masterKey(current.number, ledger, rows)
        guard let key = try? newer.key.openPrevious(sealed, vault: ledger.vault, commitment: old.commitment)
        else { throw VaultError.integrity(.tampered(.epochRow(epoch: current.number))) }
        return keep(key)
    }

    private func open(_ epoch: LedgerState.Epoch, _ ledger: KnownLedger, _ rows: Rows) throws -> MasterKey {
        guard let grant = try rows.grant(epoch: epoch.number, member: member.id.bytes) else {
            // The transaction that allows a member to open secrets also writes their grant.
            if ledger.state.member(member.id)?.role.mayOpen == true {
                throw VaultError.integrity(.tampered(.grantRow(epoch: epoch.number)))
            }
            throw VaultError.unlock(.grantMissing(member: member.name, epoch: epoch.number))
        }
        do {
            return try MasterKey.open(
                grant: grant, with: identity, vault: ledger.vault, member: member.id.bytes,
                epoch: epoch.number, commitment: epoch.commitment)
        } catch {
            throw VaultError.integrity(.tampered(.grantRow(epoch: epoch.number)))
        }
    }
}

/// What a member unlocks with: a passphrase, the bytes of a key file, or a recovery code.
public enum Credential: Sendable, Codable {
    case passphrase(SharedSecret)
    case keyFile(SharedSecret)
    case recovery(SharedSecret)

    var kind: SlotKind {
        switch self {
        case .passphrase: .passphrase
        case .keyFile: .keyFile
        case .recovery: .recovery
        }
    }

    var secret: SharedSecret {
        switch self {
        case .passphrase(let secret), .keyFile(let secret), .recovery(let secret): secret
        }
    }
}

extension Vault {
    /// Returns the member that a command is for: the named one, the only one, the one with the OS user's name, or the
    /// one with a slot that the key file opens.
    ///
    /// - Throws: `memberUnknown` for a wrong name, `memberUnspecified` if none of these applies.
    public func member(
        named name: String?, with credential: Credential? = nil
    ) throws(VaultError) -> LedgerState.Member {
        let names = state.members.map(\.name)
        if let name {
            guard let member = state.member(named: name) else {
                throw .unlock(.memberUnknown(name: name, members: names))
            }
            return member
        }
        if state.members.count == 1 { return state.members[0] }
        if let member = state.member(named: surroundings.via().user) { return member }
        guard let credential, credential.kind == .keyFile,
            let owner = state.members.first(where: { (try? open($0, credential, true)) != nil })
        else { throw .unlock(.memberUnspecified(members: names)) }
        return owner
    }

    /// Unlocks a member's identity with one of their slots.
    ///
    /// Slots that are not in the ledger (removed or planted) are never tried. The use of a recovery code is recorded, so
    /// that its owner notices a stolen one. A member who may open secrets also seals the waiting deposits.
    ///
    /// - Parameters:
    ///   - member: The member to unlock.
    ///   - credential: The credential of one of their slots.
    ///   - depositing: Whether only the identity is unlocked, and no master key.
    /// - Throws: `wrongCredential`, `credentialMalformed`, `noSlot`, `slotRefused` or `outOfMemory`; `tampered` if the
    ///   member's slots differ from the ledger; `unsafePath` if other users may reach the file.
    public func unlock(
        _ member: LedgerState.Member, with credential: Credential, depositing: Bool = false
    ) throws(VaultError) -> Session {
        try VaultError.catching {
            if case .unsafePath? = file.exposure { throw file.exposure! }
            let session = try open(member, credential, depositing)
            if let slot = session.slot, credential.kind == .recovery {
                let details: JSON.Members = ["slot": .string(slot.hex)]
                try change(as: session) {
                    try $0.record(.useRecovery, member.object, Change(details: details))
                }
            }
            // Ignores errors: a read-only or busy file must not prevent unlocking, and the next unlock tries again.
            if !session.isDepositing, !session.mustReplacePassphrase,
                let left = try? SealDeposits().perform(in: self, as: session), !left.isEmpty
            {
                surroundings.notice(.depositsLeft(left))
            }
            return session
        }
    }

    private func open(
        _ member: LedgerState.Member, _ credential: Credential, _ depositing: Bool
    ) throws -> Session {
        let kind = credential.kind
        let rows = try read { try $0.slots(of: member.id.bytes) }.filter { $0.kind == kind.rawValue }
        // The state belongs to these rows: a slot may have changed while the user was prompted.
        let member = state.member(member.id) ?? member
        let known = rows.filter { row in member.slots.contains { $0.bytes == row.id } }
        guard !known.isEmpty else {
            if !rows.isEmpty { throw VaultError.unlock(.slotRefused(member: member.name, why: .removed)) }
            if let fault = try slotFault(of: member, kind) { throw VaultError.integrity(.tampered(fault)) }
            throw VaultError.unlock(.noSlot(member: member.name, kind: kind.rawValue))
        }
        var failure = VaultError.unlock(.wrongCredential(member: member.name, kind: kind.rawValue))
        for row in known {
            do throws(SlotError) {
                let identity = try Slot(row, kind: kind).open(with: credential.secret.bytes, vault: id)
                guard identity.signPublic == member.signKey else { throw SlotError.wrongCredential }
                return Session(
                    member: member, identity: identity, slot: Identifier(bytes: row.id),
                    isDepositing: depositing)
            } catch {
                failure = VaultError(error, member: member.name, kind: kind)
            }
        }
        throw failure
    }

    /// What happened to the member's slots of this kind: a row has another kind (case 101), or is missing. Nil if the
    /// ledger has no such slot.
    private func slotFault(of member: LedgerState.Member, _ kind: SlotKind) throws -> Tampering? {
        try read { rows in
            let kinds = try rows.slotKinds(of: member, in: known)
            let signed = member.slots.filter { kinds[$0.bytes] == kind }
            guard !signed.isEmpty else { return nil }
            let found = try rows.slots(of: member.id.bytes).map(\.id)
            return signed.contains { found.contains($0.bytes) }
                ? .slotAltered(member: member.name) : .slotMissing(member: member.name)
        }
    }
}

extension Slot {
    init(_ row: SlotRow, kind: SlotKind) {
        self.init(
            id: row.id, member: row.member, kind: kind, salt: row.salt,
            memory: row.memory.map { UInt64(clamping: $0) }, passes: row.passes.map { UInt64(clamping: $0) },
            blob: row.sealed)
    }

    var row: SlotRow {
        SlotRow(
            id: id, member: member, kind: kind.rawValue, salt: salt, memory: memory.map(Int64.init),
            passes: passes.map(Int64.init), sealed: blob)
    }
}

extension VaultError {
    init(_ error: SlotError, member: String, kind: SlotKind) {
        switch error {
        case .wrongCredential: self = .unlock(.wrongCredential(member: member, kind: kind.rawValue))
        case .malformedCredential:
            let why = kind == .passphrase ? "it is not valid UTF-8" : "it is not 32 bytes long"
            self = .unlock(.credentialMalformed(kind: kind.rawValue, why: why))
        case .costRefused: self = .unlock(.slotRefused(member: member, why: .cost))
        case .outOfMemory: self = .unlock(.outOfMemory)
        case .unknownKind: self = .unlock(.slotRefused(member: member, why: .kind))
        case .format: self = .unlock(.slotRefused(member: member, why: .format))
        }
    }
}
