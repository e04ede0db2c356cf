import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Seals connections, and the clients that they use, to a member of another vault. The answer is the text of the bundle.
///
/// The export of each owner is an entry, which is durable before the bundle is returned. Only admins may export: the
/// recipient gets the secrets, and the policies of the connections do not apply there.
///
/// - Throws: `notFound`, `nothingToDo` for a vault without connections, and `bundle` with `recipientKey`.
public struct ExportBundle: TransactionOperation, RemoteOperation {
    public static let isConfirmedByEntries = false
    public typealias Answer = String

    private let names: [String]
    private let recipient: String
    var action: Action { .exportConnection }

    /// - Parameters:
    ///   - names: The connections; empty for all.
    ///   - recipient: The other member's receiving key, 64 hexadecimal digits.
    public init(of names: [String], to recipient: String) {
        (self.names, self.recipient) = (names, recipient)
    }

    func validate(in vault: Vault) throws { _ = try recipientKey() }

    private func recipientKey() throws(VaultError) -> [UInt8] {
        guard let key = Hex.decode(recipient), key.count == 32 else { throw .bundle(.recipientKey) }
        return key
    }

    func run(in transaction: inout Transaction) throws -> String {
        let to = try recipientKey()
        let rows = try ownersToExport(in: transaction)
        let bundleKey = BundleKey.generate()
        guard
            let box = try? bundleKey.box(
                to: to, vault: transaction.vault, signKey: transaction.member.signKey)
        else { throw VaultError.bundle(.recipientKey) }
        var owners: [BundledOwner] = []
        for row in rows { owners.append(try transaction.bundle(row, with: bundleKey, to: recipient)) }
        let head = Bundle.Head(
            vault: transaction.vault, exporter: transaction.member, to: to, key: box, time: transaction.time,
            count: owners.count)
        return Bundle.text(head, owners, by: transaction.session.identity)
    }

    /// The clients that the connections use, then the connections, each once.
    private func ownersToExport(in transaction: Transaction) throws -> [OwnerRow] {
        let rows = transaction.rows
        var connections: [OwnerRow] = []
        if names.isEmpty {
            try rows.forEachOwner(OwnerQuery(kind: OwnerKind.connection.rawValue)) { connections.append($0) }
        }
        for name in names {
            let row = try rows.find(.connection, name)
            if !connections.contains(where: { $0.id == row.id }) { connections.append(row) }
        }
        guard !connections.isEmpty else { throw VaultError.input(.nothingToDo("the bundle")) }
        var clients: [String: OwnerRow] = [:]
        for connection in connections {
            let connector = try transaction.connector(named: connection.connector)
            guard let name = connector.clientName(in: connection.readSettings ?? [:]), clients[name] == nil
            else { continue }
            clients[name] = try rows.find(.client, name)
        }
        return clients.values.sorted { $0.name < $1.name } + connections
    }
}

extension Transaction {
    /// Opens an owner's secrets, seals them for the bundle, and records that.
    fileprivate mutating func bundle(
        _ row: OwnerRow, with key: borrowing BundleKey, to recipient: String
    ) throws -> BundledOwner {
        let signed = try signedState(of: row)
        var owner = BundledOwner(
            kind: row.ownerKind, id: row.identifier, connector: row.connector, name: row.name,
            settings: row.readSettings ?? [:],
            tags: try rows.tags(of: row.id).map { Owner.Tag(key: $0.key, value: $0.value) }, note: row.note)
        let origins = try rows.origins(of: row)
        if row.ownerKind == .connection { owner.policy = try policy(of: row).exported }
        for current in signed.secrets(.current) {
            let field = current.field
            owner.terms[field] = SecretTerms(
                expires: origins[FieldVersion(current)]?.expiresAt, rotateBy: current.rotateBy,
                rule: current.rotateEvery)
            let secret = try open(field, of: row)
            let aad = owner.aad(field, from: vault)
            let sealed = try key.withKey { key throws(SealError) in
                try Seal.seal(secret.bytes, key: key, purpose: .bundle, aad: aad)
            }
            owner.secrets.append((field, sealed))
        }
        var details: JSON.Members = ["to": .string(recipient.lowercased())]
        let fields = owner.secrets.map { JSON.string($0.field) }
        if !fields.isEmpty { details["fields"] = .array(fields) }
        try record(.exportConnection, row.object, Change(details: details))
        return owner
    }
}
