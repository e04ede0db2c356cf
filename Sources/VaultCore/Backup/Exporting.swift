import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

extension Vault {
    /// Makes a bundle of connections, and of the clients that they use, for one member of another vault.
    ///
    /// `names` are connections; none means all. `key` is the other member's receiving key, 64 hexadecimal digits. Each
    /// owner's export is an entry, durable before the bundle leaves this call. For admins only: whoever receives it has
    /// the secrets, whatever a connection may be used for here.
    public func exportBundle(_ names: [String], to key: String, as session: Session) throws(VaultError)
        -> String
    {
        try VaultError.catching {
            guard let to = Hex.decode(key), to.count == 32 else { throw VaultError.bundle(.recipientKey) }
            return try change(as: session) { transaction in
                try transaction.mayDo(.exportConnection)
                let rows = try ownersToExport(names, transaction.rows)
                let bundleKey = BundleKey.generate()
                let box: [UInt8]
                do {
                    box = try bundleKey.box(to: to, vault: id, signKey: transaction.member.signKey)
                } catch {
                    throw VaultError.bundle(.recipientKey)
                }
                var owners: [BundledOwner] = []
                for row in rows {
                    owners.append(try transaction.bundle(row, with: bundleKey, to: key))
                }
                let head = Bundle.Head(
                    vault: id, exporter: transaction.member, to: to, key: box, time: transaction.time,
                    count: owners.count)
                return Bundle.text(head, owners, by: session.identity)
            }
        }
    }

    /// The clients that these connections use, then the connections, each once.
    private func ownersToExport(_ names: [String], _ rows: Rows) throws -> [OwnerRow] {
        var connections: [OwnerRow] = []
        if names.isEmpty {
            try rows.forEachOwner(OwnerQuery(kind: OwnerKind.connection.rawValue)) { connections.append($0) }
        }
        for name in names {
            let row = try rows.find(.connection, name)
            if !connections.contains(where: { $0.id == row.id }) { connections.append(row) }
        }
        guard !connections.isEmpty else { throw VaultError.nothingToDo("the bundle") }
        var clients: [String: OwnerRow] = [:]
        for connection in connections {
            let connector = try connector(named: connection.connector, rows)
            guard let name = connector.clientName(in: connection.readSettings ?? [:]), clients[name] == nil
            else { continue }
            clients[name] = try rows.find(.client, name)
        }
        return clients.values.sorted { $0.name < $1.name } + connections
    }
}

extension Transaction {
    /// Opens an owner's secrets and seals them for the bundle; that is an entry.
    fileprivate mutating func bundle(
        _ row: OwnerRow, with key: borrowing BundleKey, to recipient: String
    ) throws -> BundledOwner {
        let signed = try signedState(of: row)
        var owner = BundledOwner(
            kind: row.ownerKind, id: row.identifier, connector: row.connector, name: row.name,
            settings: row.readSettings ?? [:],
            tags: try rows.tags(of: row.id).map { Owner.Tag(key: $0.key, value: $0.value) }, note: row.note,
            secrets: [])
        let origins = try rows.origins(of: row)
        if row.ownerKind == .connection { owner.policy = try policy(of: row).travelling }
        let fields = signed.secrets(.current).map(\.field)
        for current in signed.secrets(.current) {
            let field = current.field
            let terms = SecretTerms(
                expires: origins[VersionKey(current)]?.expiresAt, rotateBy: current.rotateBy,
                rule: current.rotateEvery)
            owner.terms[field] = terms
            let secret = try open(field, of: row)
            let aad = owner.aad(field, from: vault)
            let sealed = try key.withKey { key throws(SealError) in
                try Seal.seal(secret.bytes, key: key, purpose: .bundle, aad: aad)
            }
            owner.secrets.append((field, sealed))
        }
        var details: JSON.Members = ["to": .string(recipient.lowercased())]
        if !fields.isEmpty { details["fields"] = .array(fields.map { .string($0) }) }
        try record(.exportConnection, row.object, Change(details: details))
        return owner
    }
}
