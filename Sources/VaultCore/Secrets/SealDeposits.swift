import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// Seals every deposit under the current master key. Field, version and label stay. The answer is the names of owners with
/// deposits that do not open, or that their form does not accept; these are unchanged.
///
/// `Vault.unlock` performs it for each member who may open secrets. Only the depositor's program has validated a deposit,
/// so its value is validated again.
struct SealDeposits: Operation {
    func perform(in vault: Vault, as session: Session) throws(VaultError) -> [String] {
        // The member's own reason and operation id belong to the change that they asked for.
        let (reason, operation) = (vault.surroundings.reason, vault.surroundings.operation)
        (vault.surroundings.reason, vault.surroundings.operation) = (nil, nil)
        defer { (vault.surroundings.reason, vault.surroundings.operation) = (reason, operation) }
        return try VaultError.catching { try sealAll(in: vault, as: session) }
    }

    private func sealAll(in vault: Vault, as session: Session) throws -> [String] {
        var count = 0
        var left: [String] = []
        var after: Int64 = 0
        while true {
            let waiting = try vault.read { try $0.ownersWithDeposits(after: after, limit: 500) }
            guard let last = waiting.last else { break }
            try vault.change(as: session) { transaction in
                try transaction.mayDo(.sealDeposit)
                for id in waiting {
                    guard let owner = try transaction.rows.owner(id: id) else { continue }
                    do {
                        let connector = try transaction.connector(named: owner.connector)
                        count += try transaction.sealDeposits(of: owner, connector)
                    } catch is VaultError {
                        left.append(owner.name)
                    }
                }
            }
            after = last
            vault.surroundings.notice(.progress(.sealing, done: UInt64(count), of: 0))
        }
        return left
    }
}

extension Transaction {
    /// Opens all deposits of an owner before changing the first row, so that nothing changes if one does not open.
    fileprivate mutating func sealDeposits(of owner: OwnerRow, _ connector: Connector) throws -> Int {
        var state = try signedState(of: owner)
        var sealer = try secretSealer()
        var sealed: [(row: Int64, blob: [UInt8])] = []
        var fields: [JSON] = []
        let rows = try self.rows.secrets(of: owner.id)
        for (place, signed) in state.secrets.enumerated() where signed.deposit != nil {
            let field = try connector.secretField(signed.field, of: owner)
            guard let row = rows.first(where: { $0.field == signed.field && $0.version == signed.version })
            else {
                throw VaultError.integrity(.tampered(.secretMissing(owner: owner.name, field: signed.field)))
            }
            let secret = try open(row, of: owner, isDeposit: true)
            var address = address(of: row, owner)
            address.epoch = sealer.epoch
            let blob = try sealer.seal(secret, field.range(of: secret), address)
            sealed.append((row.id, blob))
            state.secrets[place].deposit = nil
            state.secrets[place].epoch = sealer.epoch
            state.secrets[place].sealed = Digest.sha256(blob)
            fields.append(.string(signed.field))
        }
        guard !sealed.isEmpty else { return 0 }
        for secret in sealed { try self.rows.reseal(secret.row, epoch: sealer.epoch, sealed: secret.blob) }
        try record(.sealDeposit, owner.object, Change(state: state, details: ["fields": .array(fields)]))
        return sealed.count
    }
}
