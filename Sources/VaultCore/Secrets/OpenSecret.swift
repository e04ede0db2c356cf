import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

extension Transaction {
    /// Opens a secret after comparing its rows with the ledger.
    ///
    /// - Parameter label: The version to open, if the field has one with this label; otherwise the current one.
    /// - Throws: `noSuchSecret`, `tampered`, and `depositUnusable` for a deposit, which `Vault.change` seals and then
    ///   repeats the transaction.
    func open(_ field: String, of owner: OwnerRow, preferring label: SecretLabel = .current) throws
        -> SharedSecret
    {
        let state = try signedState(of: owner)
        guard let signed = state.secret(field, label) ?? state.secret(field, .current),
            let row = try rows.secrets(of: owner.id).first(where: {
                $0.field == field && $0.version == signed.version
            })
        else {
            throw VaultError.input(
                .noSuchSecret(
                    owner: owner.name, field: field, fields: state.secrets(.current).map(\.field)))
        }
        guard signed.deposit == nil else {
            throw VaultError.input(.depositUnusable(owner: owner.name, field: field))
        }
        return try open(row, of: owner, isDeposit: false)
    }

    /// Opens the row of a secret, which was compared with the ledger.
    func open(_ row: SecretRow, of owner: OwnerRow, isDeposit: Bool) throws -> SharedSecret {
        let key = try session.masterKey(row.epoch, ledger, rows)
        guard let secret = key.key.open(row.sealed, address(of: row, owner), isDeposit: isDeposit) else {
            throw VaultError.integrity(.tampered(.secretDoesNotOpen(owner: owner.name, field: row.field)))
        }
        return SharedSecret(secret)
    }

    /// What the sealed bytes of a row are bound to.
    func address(of row: SecretRow, _ owner: OwnerRow) -> SecretAddress {
        SecretAddress(
            vault: vault, owner: owner.uid, field: row.field, version: row.version, epoch: row.epoch,
            settingsDigest: row.settingsDigest)
    }
}

extension MasterKey {
    /// The plaintext of a blob, or nil if it does not open.
    func open(_ blob: [UInt8], _ address: SecretAddress, isDeposit: Bool) -> SecretBytes? {
        if isDeposit { return try? Deposit.open(blob, address: address, masterKey: self) }
        return withKey { try? Seal.open(blob, key: $0, purpose: .secret, aad: address.aad) }
    }
}

extension Field {
    /// The bytes of a secret that are stored, without stripped prefixes and surrounding white space.
    ///
    /// - Throws: `invalid` for a value that the field does not accept.
    func range(of secret: SharedSecret) throws(VaultError) -> Range<Int> {
        do throws(Problem) {
            return try unsafe secret.bytes.withUnsafeBytes { bytes throws(Problem) in
                try unsafe acceptedRange(of: bytes)
            }
        } catch {
            throw .input(.invalid([error]))
        }
    }
}
