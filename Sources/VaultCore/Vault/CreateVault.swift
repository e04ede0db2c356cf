import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

extension Vault {
    /// Checks that a vault can be created at `path`, before the user is asked for anything.
    ///
    /// - Throws: `vaultExists`.
    public static func checkIsFree(_ path: String) throws(VaultError) {
        guard VaultFile.isEmpty(path) else { throw .file(.vaultExists(path: path)) }
    }

    /// Creates a vault: its file, the founder's identity and slots, the first master key, and the first head.
    ///
    /// This is one transaction: a process that is killed halfway leaves an empty file, which the next call uses.
    ///
    /// - Parameters:
    ///   - path: The path of the new file.
    ///   - founder: The name of the first member, who is an admin.
    ///   - credentials: What the founder unlocks with; each becomes a slot.
    ///   - surroundings: The environment of the operation.
    /// - Throws: `invalid` for the member's name; `vaultExists`; `credentialMalformed`; `outOfMemory`; `io`, `full`,
    ///   `unsafePath` or `readOnly` if the file can't be written.
    public static func create(
        _ path: String, by founder: String, credentials: [Credential], _ surroundings: Surroundings
    ) throws(VaultError) -> (vault: Vault, session: Session) {
        try VaultError.catching {
            guard MemberName.isValid(founder) else { throw MemberName.problem(founder) }
            var created: Transaction?
            let file = try VaultFile.create(path) { rows in
                var transaction = try begin(founder, rows, surroundings)
                for credential in credentials {
                    let slot = try makeSlot(
                        credential, for: transaction.session.identity, vault: transaction.vault,
                        member: transaction.member.id, cost: surroundings.cost)
                    try transaction.addSlot(slot, of: transaction.member)
                }
                try transaction.beginEpoch(MasterKey.generate(epoch: 1), sealing: nil)
                try transaction.close()
                created = transaction
            }
            let vault = Vault(file: file, surroundings: surroundings, known: created!.ledger)
            vault.saveAnchor()
            return (vault, created!.session)
        }
    }

    /// Writes the first entry, which names the founder's keys. Its hash is the vault's identifier.
    private static func begin(
        _ founder: String, _ rows: Rows, _ surroundings: Surroundings
    ) throws -> Transaction {
        let identity = Identity.generate()
        var identifiers = IdentifierSource(at: surroundings.now())
        let member = LedgerState.Member(
            id: identifiers.next(), name: founder, role: .admin, signKey: identity.signPublic,
            receiveKey: identity.receivePublic)
        try rows.insertMember(MemberRow(member))
        let session = Session(member: member, identity: identity)
        func transaction(_ ledger: KnownLedger) -> Transaction {
            Transaction(
                rows: rows, ledger: ledger, session: session, surroundings: surroundings, member: member)
        }
        // The first entry has a separate operation id (docs/format.md, section 7).
        var first = transaction(KnownLedger(vault: []))
        try first.record(
            .createVault, Entry.Object(.vault, name: "vault"),
            Change(details: ["format": 2, "member": member.details]))
        return transaction(first.ledger)
    }

    static func makeSlot(
        _ credential: Credential, for identity: borrowing Identity, vault: [UInt8], member: Identifier,
        cost: PassphraseCost
    ) throws(VaultError) -> Slot {
        do {
            return try Slot.make(
                kind: credential.kind, for: identity, vault: vault, member: member.bytes,
                with: credential.secret.bytes, cost: cost)
        } catch {
            throw VaultError(error, member: "", kind: credential.kind)
        }
    }
}

extension Transaction {
    /// - Parameter isTemporary: Whether another member chose the passphrase.
    mutating func addSlot(_ slot: Slot, of member: LedgerState.Member, isTemporary: Bool = false) throws {
        try rows.insertSlot(slot.row)
        var details: JSON.Members = [
            "kind": .string(slot.kind.rawValue), "slot": .string(Hex.encode(slot.id)),
        ]
        if isTemporary { details["temporary"] = true }
        try record(.addSlot, member.object, Change(details: details))
    }

    /// Begins an epoch: grants its key to each member who may open secrets.
    ///
    /// - Parameter sealedPrevious: The previous master key, sealed under this one.
    mutating func beginEpoch(_ key: borrowing MasterKey, sealing sealedPrevious: [UInt8]?) throws {
        let epoch = LedgerState.Epoch(
            number: key.epoch, commitment: key.commitment, depositKey: key.depositPublic)
        try rows.insertEpoch(
            EpochRow(
                epoch: key.epoch, commitment: key.commitment, depositKey: key.depositPublic,
                sealedPrevious: sealedPrevious))
        for member in state.members where member.role.mayOpen { try grant(key, to: member) }
        try record(
            .beginEpoch, Entry.Object(.key, name: "epoch \(key.epoch)"), Change(details: epoch.details))
    }

    /// Seals a master key to a member's receiving key, as it is in the ledger.
    func grant(_ key: borrowing MasterKey, to member: LedgerState.Member) throws {
        guard
            let sealed = try? key.grant(
                vault: vault, member: member.id.bytes, receivePublic: member.receiveKey)
        else { throw VaultError.integrity(.tampered(.memberRow(name: member.name))) }
        try rows.insertGrant(epoch: key.epoch, member: member.id.bytes, sealed: sealed)
    }
}

extension LedgerState.Member {
    var object: Entry.Object { Entry.Object(.member, id: id, name: name) }
}

extension MemberRow {
    init(_ member: LedgerState.Member) {
        self.init(
            id: member.id.bytes, name: member.name, role: member.role.rawValue, signKey: member.signKey,
            receiveKey: member.receiveKey)
    }
}
