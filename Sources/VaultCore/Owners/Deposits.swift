import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// What became of the deposits that were waiting.
public struct DepositReceipt: Sendable, Equatable {
    /// How many were sealed under the master key.
    public let sealed: Int
    /// Owners whose deposits do not open, or hold what their form does not take; they stay as they are.
    public let left: [String]
}

extension Vault {
    /// Seals every waiting deposit under the present master key; field, version and label stay.
    ///
    /// Done by whoever unlocks next with a grant. A deposit has been checked by its depositor's program only, so what it
    /// holds is held against the form again before it counts.
    @discardableResult
    public func sealDeposits(as session: Session) throws(VaultError) -> DepositReceipt {
        // The change that the member asks for, and why, is another one.
        let (reason, operation) = (surroundings.reason, surroundings.operation)
        (surroundings.reason, surroundings.operation) = (nil, nil)
        defer { (surroundings.reason, surroundings.operation) = (reason, operation) }
        return try VaultError.catching {
            var count = 0
            var left: [String] = []
            var after: Int64 = 0
            while true {
                let waiting = try read { try $0.ownersWithDeposits(after: after, limit: 500) }
                guard let last = waiting.last else { break }
                try change(as: session) { transaction in
                    try transaction.mayDo(.sealDeposit)
                    for id in waiting {
                        guard let owner = try transaction.rows.owner(id: id) else { continue }
                        do {
                            let connector = try connector(named: owner.connector, transaction.rows)
                            count += try transaction.sealDeposits(of: owner, connector)
                        } catch is VaultError {
                            left.append(owner.name)
                        }
                    }
                }
                after = last
                surroundings.notice(.progress(.sealing, done: UInt64(count), of: 0))
            }
            return DepositReceipt(sealed: count, left: left)
        }
    }
}

extension Transaction {
    /// Opens all deposits of an owner before the first row is changed, so that one that does not open changes nothing.
    fileprivate mutating func sealDeposits(of owner: OwnerRow, _ connector: Connector) throws -> Int {
        var state = try signedState(of: owner)
        guard let epoch = self.state.epoch?.number else { throw VaultError.ledger(.noBeginning) }
        var bench = try sealBench()
        var sealed: [(row: Int64, blob: [UInt8])] = []
        var fields: [JSON] = []
        let rows = try self.rows.secrets(of: owner.id)
        for (place, signed) in state.secrets.enumerated() where signed.deposit != nil {
            let field = try connector.secretField(signed.field, of: owner)
            guard let row = rows.first(where: { $0.field == signed.field && $0.version == signed.version })
            else {
                throw VaultError.tampered(.secretMissing(owner: owner.name, field: signed.field))
            }
            let secret = try open(row, of: owner, isDeposit: true)
            let range = try field.range(of: secret)
            var address = address(of: row, owner)
            address.epoch = epoch
            let blob = try bench.seal(secret, range, address)
            sealed.append((row.id, blob))
            state.secrets[place].deposit = nil
            state.secrets[place].epoch = epoch
            state.secrets[place].sealed = Digest.sha256(blob)
            fields.append(.string(signed.field))
        }
        guard !sealed.isEmpty else { return 0 }
        for secret in sealed { try self.rows.reseal(secret.row, epoch: epoch, sealed: secret.blob) }
        try record(.sealDeposit, owner.object, Change(state: state, details: ["fields": .array(fields)]))
        return sealed.count
    }

    /// Everything that the row of a secret is bound to.
    func address(of row: SecretRow, _ owner: OwnerRow) -> SecretAddress {
        SecretAddress(
            vault: vault, owner: owner.uid, field: row.field, version: row.version, epoch: row.epoch,
            settingsDigest: row.settingsDigest)
    }

    /// Opens the row of a secret that was held against the ledger, as a seal or a deposit, whichever the ledger says.
    func open(_ row: SecretRow, of owner: OwnerRow, isDeposit: Bool) throws -> SharedSecret {
        let key = try session.masterKey(row.epoch, ledger, rows)
        guard let secret = key.key.open(row.sealed, address(of: row, owner), isDeposit: isDeposit) else {
            throw VaultError.tampered(.secretDoesNotOpen(owner: owner.name, field: row.field))
        }
        return SharedSecret(secret)
    }
}

extension MasterKey {
    /// What a blob holds, nil when it does not open.
    func open(_ blob: [UInt8], _ address: SecretAddress, isDeposit: Bool) -> SecretBytes? {
        if isDeposit { return try? Deposit.open(blob, address: address, masterKey: self) }
        return withKey { try? Seal.open(blob, key: $0, purpose: .secret, aad: address.aad) }
    }
}

extension Field {
    /// The part of a secret that this field takes; throws `invalid` for what it does not.
    func range(of secret: SharedSecret) throws -> Range<Int> {
        try unsafe secret.bytes.withUnsafeBytes { bytes in
            do {
                return try unsafe acceptedRange(of: bytes)
            } catch let problem as Problem {
                throw VaultError.invalid([problem])
            }
        }
    }
}
