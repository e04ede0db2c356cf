import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// Seals the secrets of one transaction, and reuses its memory: under the master key, or as deposits to the deposit key
/// for a member who opens nothing.
struct SecretSealer: ~Copyable {
    let epoch: UInt64
    private var sealer: Sealer?
    private let depositKey: [UInt8]

    init(key: borrowing SecretBytes, epoch: UInt64) {
        self.epoch = epoch
        sealer = Sealer(key: key, purpose: .secret)
        depositKey = []
    }

    init(depositingTo key: [UInt8], epoch: UInt64) {
        (self.epoch, depositKey) = (epoch, key)
        sealer = nil
    }

    var deposits: Bool { !depositKey.isEmpty }

    mutating func seal(_ secret: SharedSecret, _ range: Range<Int>, _ address: SecretAddress) throws
        -> [UInt8]
    {
        guard depositKey.isEmpty else {
            return try Deposit.seal(secret.bytes.clone(range), address: address, depositPublic: depositKey)
        }
        return try unsafe secret.bytes.withUnsafeBytes { message in
            try unsafe sealer!.seal(UnsafeRawBufferPointer(rebasing: message[range]), aad: address.aad)
        }
    }
}

extension Transaction {
    /// A sealer under the current master key, or to the deposit key of its epoch for a member who may not open secrets, or
    /// chose to deposit.
    func secretSealer() throws -> SecretSealer {
        guard let epoch = state.epoch else { throw VaultError.integrity(.ledger(.noBeginning)) }
        guard session.isDepositing || !member.role.mayOpen else {
            return try session.masterKey(epoch.number, ledger, rows).key.withKey {
                SecretSealer(key: $0, epoch: epoch.number)
            }
        }
        // The key is taken from the ledger, not from the row: another key in the row is an attack (case 21).
        let row = try rows.epochs().first { $0.epoch == epoch.number }
        guard row?.depositKey == epoch.depositKey else {
            throw VaultError.integrity(.tampered(.epochRow(epoch: epoch.number)))
        }
        return SecretSealer(depositingTo: epoch.depositKey, epoch: epoch.number)
    }

    /// Validates and seals a new version of a secret, inserts its row, and adds it to the owner's state.
    func store(
        _ secret: SharedSecret, _ field: Field, version: UInt64, of owner: OwnerRow, _ terms: SecretTerms,
        in state: inout OwnerState, with sealer: inout SecretSealer
    ) throws {
        let address = SecretAddress(
            vault: vault, owner: owner.uid, field: field.key, version: version, epoch: sealer.epoch,
            settingsDigest: state.settingsDigest)
        let sealed = try sealer.seal(secret, field.range(of: secret), address)
        try rows.insertSecret(
            SecretRow(
                owner: owner.id, epoch: sealer.epoch, version: version, field: field.key,
                label: terms.label.rawValue, settingsDigest: state.settingsDigest, setAt: timeText,
                setBy: member.name, expiresAt: terms.expires?.text, sealed: sealed,
                rotateBy: terms.rotateBy?.text))
        let digest = Digest.sha256(sealed)
        state.put(
            OwnerState.Secret(
                field: field.key, version: version, label: terms.label, epoch: sealer.epoch,
                sealed: sealer.deposits ? nil : digest, deposit: sealer.deposits ? digest : nil,
                rotateBy: terms.rotateBy, rotateEvery: terms.rule))
    }
}
