public import VaultCrypto
public import VaultLedger
import VaultStore

/// A member who has unlocked their identity, and, where their role may open, the master keys they were granted.
public final class Session {
    public let member: LedgerState.Member
    let identity: Identity
    /// The slot that it was unlocked with; nil for a founder, who has only begun.
    public let slot: Identifier?
    /// Whether secrets are only deposited: no grant is opened, also where the role has one.
    public private(set) var isDepositing: Bool
    /// Master keys by epoch, opened when first asked for.
    private var keys: [HeldKey] = []

    init(
        member: LedgerState.Member, identity: consuming Identity, slot: Identifier? = nil,
        isDepositing: Bool = false
    ) {
        self.member = member
        self.identity = identity
        self.slot = slot
        self.isDepositing = isDepositing || !member.role.mayOpen
    }

    /// Whether it was unlocked with a passphrase that somebody else has chosen: nothing can be done with it before
    /// the passphrase is replaced.
    public var isAtFirst: Bool { slot.map(member.temporary.contains) ?? false }

    /// Runs a body that leaves the master key alone, if it is to: `isDeposit`.
    func depositing<T>(_ isDeposit: Bool, _ body: () throws(VaultError) -> T) throws(VaultError) -> T {
        let before = isDepositing
        defer { isDepositing = before }
        isDepositing = before || isDeposit
        return try body()
    }

    /// A key in an array, which holds no noncopyable values.
    final class HeldKey {
        let key: MasterKey
        init(_ key: consuming MasterKey) { self.key = key }
    }

    func keep(_ key: consuming MasterKey) -> HeldKey {
        let held = HeldKey(key)
        keys.removeAll { $0.key.epoch == held.key.epoch }
        keys.append(held)
        return held
    }

    /// The master key of the present epoch, or of the one that a rotation is retiring.
    func masterKey(_ epoch: UInt64, _ ledger: KnownLedger, _ rows: Rows) throws -> HeldKey {
        if let held = keys.first(where: { $0.key.epoch == epoch }) { return held }
        guard let current = ledger.state.epoch else { throw VaultError.ledger(.noBeginning) }
        if epoch == current.number { return keep(try open(current, ledger, rows)) }
        guard let old = ledger.state.retiring, old.number == epoch,
            let sealed = try rows.epochs().first(where: { $0.epoch == current.number })?.sealedPrevious
        else { throw VaultError.tampered(.epochRow(epoch: epoch)) }
        let newer = try masterKey(current.number, ledger, rows)
        do {
            return keep(try newer.key.openPrevious(sealed, vault: ledger.vault, commitment: old.commitment))
        } catch {
            throw VaultError.tampered(.epochRow(epoch: current.number))
        }
    }

    private func open(_ epoch: LedgerState.Epoch, _ ledger: KnownLedger, _ rows: Rows) throws -> MasterKey {
        guard let grant = try rows.grant(epoch: epoch.number, member: member.id.bytes) else {
            // Every member who may open has one, from the transaction that made them one.
            if ledger.state.member(member.id)?.role.mayOpen == true {
                throw VaultError.tampered(.grantRow(epoch: epoch.number))
            }
            throw VaultError.grantMissing(member: member.name, epoch: epoch.number)
        }
        do {
            return try MasterKey.open(
                grant: grant, with: identity, vault: ledger.vault, member: member.id.bytes,
                epoch: epoch.number,
                commitment: epoch.commitment)
        } catch {
            throw VaultError.tampered(.grantRow(epoch: epoch.number))
        }
    }
}

/// What somebody unlocks with.
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
    /// The member whom a command speaks of: the named one, the only one, the one with the OS user's name, or the one
    /// whose key file this is, since it opens nobody else's slot.
    public func member(
        named name: String?, with credential: Credential? = nil
    ) throws(VaultError) -> LedgerState.Member {
        let names = state.members.map(\.name)
        if let name {
            guard let member = state.member(named: name) else {
                throw .memberUnknown(name: name, members: names)
            }
            return member
        }
        if state.members.count == 1 { return state.members[0] }
        if let member = state.member(named: surroundings.via().user) { return member }
        guard let credential, credential.kind == .keyFile,
            let owner = state.members.first(where: { (try? open($0, credential, true)) != nil })
        else { throw .memberNotNamed(members: names) }
        return owner
    }

    /// Unlocks a member's identity with one of their slots.
    ///
    /// A slot that the ledger does not know (it was removed, or planted) is never tried. That a recovery code was
    /// used is an entry: who finds one they did not make knows that the code is out. Who may open seals the deposits
    /// that wait, unless this is `depositing`, which unlocks no more than the identity.
    public func unlock(
        _ member: LedgerState.Member, with credential: Credential, depositing: Bool = false
    ) throws(VaultError) -> Session {
        try VaultError.catching {
            if case .unsafePath? = file.exposure { throw file.exposure! }
            let session = try open(member, credential, depositing)
            if let slot = session.slot, credential.kind == .recovery {
                try change(as: session) {
                    try $0.record(
                        .useRecovery, member.object, Change(details: ["slot": .string(slot.hex)]))
                }
            }
            if !session.isDepositing, !session.isAtFirst { takeDeposits(as: session) }
            return session
        }
    }

    /// Whatever keeps deposits from being sealed (a file that cannot be written, a busy one) keeps nobody from
    /// unlocking: the next one finds them again.
    private func takeDeposits(as session: Session) {
        guard let receipt = try? sealDeposits(as: session), !receipt.left.isEmpty else { return }
        surroundings.notice(.depositsLeft(receipt.left))
    }

    private func open(
        _ member: LedgerState.Member, _ credential: Credential, _ depositing: Bool
    ) throws -> Session {
        let kind = credential.kind
        let rows = try read { try $0.slots(of: member.id.bytes) }.filter { $0.kind == kind.rawValue }
        // As of the same moment as the rows: a slot may have been changed while the credential was asked for.
        let member = state.member(member.id) ?? member
        let known = rows.filter { row in member.slots.contains { $0.bytes == row.id } }
        guard !known.isEmpty else {
            if !rows.isEmpty { throw VaultError.slotRefused(member: member.name, why: .removed) }
            if let fault = try slotFault(of: member, kind) { throw VaultError.tampered(fault) }
            throw VaultError.noSlot(member: member.name, kind: kind.rawValue)
        }
        var failure = VaultError.wrongCredential(member: member.name, kind: kind.rawValue)
        for row in known {
            do throws(SlotError) {
                let identity = try Slot(row, kind: kind).open(with: credential.secret.bytes, vault: id)
                guard identity.signPublic == member.signKey else {
                    throw SlotError.wrongCredential
                }
                return Session(
                    member: member, identity: identity, slot: Identifier(bytes: row.id),
                    isDepositing: depositing)
            } catch {
                failure = VaultError(error, member: member.name, kind: kind)
            }
        }
        throw failure
    }
}

extension Vault {
    /// What became of the slots of this kind that the ledger knows: a row says another kind (case 101), or is gone.
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
        case .wrongCredential: self = .wrongCredential(member: member, kind: kind.rawValue)
        case .malformedCredential:
            let why = kind == .passphrase ? "it is not valid UTF-8" : "it has not 32 bytes"
            self = .credentialMalformed(kind: kind.rawValue, why: why)
        case .costRefused: self = .slotRefused(member: member, why: .cost)
        case .outOfMemory: self = .outOfMemory
        case .unknownKind: self = .slotRefused(member: member, why: .kind)
        case .format: self = .slotRefused(member: member, why: .format)
        }
    }
}
