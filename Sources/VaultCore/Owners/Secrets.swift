import VaultCrypto
public import VaultMemory
public import VaultLedger
public import VaultRegistry
import VaultStore

/// What `secret set` did.
public struct SecretReceipt: Sendable, Equatable, Codable {
    public let owner: String
    public let field: String
    public let version: UInt64
    /// Whether it was deposited: sealed to the master key's public half, by somebody who opens nothing.
    public let isDeposit: Bool
}

extension Vault {
    /// Replaces one secret; nothing is read for it but the settings that it is sealed to.
    public func setSecret(
        _ field: String, of name: String, to secret: SharedSecret, expires: Timestamp? = nil,
        as session: Session
    ) throws(VaultError) -> SecretReceipt {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.setSecret)
                let row = try transaction.rows.findEither(name)
                let connector = try connector(named: row.connector, transaction.rows)
                let field = try connector.secretField(field, of: row)
                return try transaction.set(field, of: row, to: secret, expires: expires)
            }
        }
    }

    /// Whether a value is the stored one. Asking is an entry; the answer is not in it.
    public func verifySecret(
        _ field: String, of name: String, against secret: SharedSecret, as session: Session
    ) throws(VaultError) -> Bool {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.verifySecret)
                let row = try transaction.rows.findEither(name)
                let connector = try connector(named: row.connector, transaction.rows)
                let field = try connector.secretField(field, of: row)
                let stored = try transaction.open(field.key, of: row)
                try transaction.record(
                    .verifySecret, row.object, Change(details: ["field": .string(field.key)]))
                return SecretBytes.equal(stored.bytes, secret.bytes.clone(try field.range(of: secret)))
            }
        }
    }

    public func secrets(of name: String) throws(VaultError) -> Owner {
        try VaultError.catching { try read { rows in try rows.view(try rows.findEither(name)) } }
    }

    /// The secret field of an owner by its key, for a prompt: label, help, how to get it.
    public func secretField(_ key: String, of name: String) throws(VaultError) -> Field {
        try VaultError.catching {
            try read { rows in
                let row = try rows.findEither(name)
                return try connector(named: row.connector, rows).secretField(key, of: row)
            }
        }
    }
}

extension Transaction {
    /// Puts a new version in the place of the current one, which is destroyed; what a rotation has pending stays.
    fileprivate mutating func set(
        _ field: Field, of row: OwnerRow, to secret: SharedSecret, expires: Timestamp?
    ) throws -> SecretReceipt {
        var state = try signedState(of: row, replacing: field.key)
        let version = try rows.nextVersion(of: field.key, row)
        let old = state.secret(field.key, .current)
        if let old {
            try rows.deleteSecret(of: row.id, field: field.key, version: old.version)
            state.remove(field.key, old.version)
        }
        var bench = try sealBench()
        let address = try newAddress(row, state.settingsDigest)
        let terms = SecretTerms(field, at: time, after: old, expires: expires)
        let stored = try store(
            secret, field: field, version: version, address, owner: row.id, terms: terms, with: &bench)
        state.put(stored)
        var details: JSON.Members = ["field": .string(field.key)]
        if let expires = terms.expires { details["expires"] = .string(expires.text) }
        try record(.setSecret, row.object, Change(state: state, details: details))
        return SecretReceipt(
            owner: row.name, field: field.key, version: version, isDeposit: stored.deposit != nil)
    }

    /// Opens a secret, after its rows were held against the ledger: the current version, or, where a rotation is to be
    /// tested, the pending one of those fields that have one.
    func open(_ field: String, of owner: OwnerRow, preferring label: SecretLabel = .current) throws
        -> SharedSecret
    {
        let state = try signedState(of: owner)
        guard let signed = state.secret(field, label) ?? state.secret(field, .current),
            let row = try rows.secrets(of: owner.id).first(where: {
                $0.field == field && $0.version == signed.version
            })
        else {
            throw VaultError.noSuchSecret(
                owner: owner.name, field: field, fields: state.secrets(.current).map(\.field))
        }
        // A deposit is first held against its form, and sealed (`Vault.change`).
        guard signed.deposit == nil else {
            throw VaultError.depositUnusable(owner: owner.name, field: field)
        }
        return try open(row, of: owner, isDeposit: false)
    }
}

extension Connector {
    /// The secret field of this key, which must apply to the owner's settings.
    func secretField(_ key: String, of owner: OwnerRow) throws(VaultError) -> Field {
        let settings = owner.readSettings ?? [:]
        let fields = form(of: owner.ownerKind).filter { $0.isSecret && applies($0, in: settings) }
        guard let field = fields.first(where: { $0.key == key }) else {
            throw .noSuchSecret(owner: owner.name, field: key, fields: fields.map(\.key))
        }
        return field
    }
}
