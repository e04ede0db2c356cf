import VaultCrypto
import VaultLedger
public import VaultRegistry
import VaultStore
import VaultText

/// Plans an edit: which settings the owner would have, and which secrets `EditOwner` needs.
///
/// - Throws: `notFound`, and `nothingToDo` without any change.
public struct PlanEdit: ReadQuery {
    public typealias Answer = EditPlan

    private let kind: OwnerKind
    private let name: String
    private let changes: [String: [String]]

    /// - Parameters:
    ///   - kind: Whether it is a connection or a client.
    ///   - name: The name of a connection or client.
    ///   - changes: The new values as typed, by the key of the setting; an empty list removes the setting, and the key
    ///     `name` renames the owner.
    public init(_ kind: OwnerKind, _ name: String, changes: [String: [String]]) {
        (self.kind, self.name, self.changes) = (kind, name, changes)
    }

    func run(on rows: Rows, in vault: Vault) throws -> EditPlan {
        guard !changes.isEmpty else { throw VaultError.input(.nothingToDo(name)) }
        return try rows.planEdit(of: try rows.find(kind, name), changes, in: vault.state)
    }
}

/// The result of an edit, and the secrets that it needs.
///
/// A secret is sealed to the settings that it was entered with, so an edit asks for every secret of the owner again.
public struct EditPlan: Sendable, Codable {
    /// The kind of the owner.
    public let kind: OwnerKind
    /// The name of the owner before the edit.
    public let name: String
    /// The name after the edit.
    public let newName: String
    /// The connector of the owner.
    public let connector: Connector
    /// All settings after the edit, as they would be typed.
    public let settings: [String: [String]]
    /// The keys of the secret fields that must be given, in the order of the form.
    public let needed: [String]
    /// Keys of settings that no longer apply.
    public let dropped: [String]
    /// Pending and previous versions, which the edit destroys.
    public let lost: [SecretInfo]
    /// The changes that were asked for.
    let changes: [String: [String]]
    /// A digest of the owner's row, which shows whether the owner has changed since.
    let seen: String
}

extension Rows {
    func planEdit(of row: OwnerRow, _ changes: [String: [String]], in state: LedgerState) throws -> EditPlan {
        let connector = try connector(named: row.connector, in: state)
        let secrets = try secrets(of: row.id)
        let stored = secrets.filter(\.isCurrent).map(\.field)
        let form = connector.form(of: row.ownerKind)
        var raw = changes
        let newName = raw.removeValue(forKey: "name")?.last.map(Name.canonical) ?? row.name
        let old = row.readSettings ?? [:]
        var settings: Settings = [:]
        var dropped: [String] = []
        for field in form where !field.isSecret {
            if changes[field.key] == nil, let kept = old[field.key] {
                let choices = field.choices(in: settings).map(\.value)
                let fits = field.choices.isEmpty || kept.values.allSatisfy(choices.contains)
                if field.applies(in: settings), fits {
                    raw[field.key] = kept.values
                } else {
                    dropped.append(field.key)
                }
            }
            settings[field.key] = raw[field.key].flatMap { try? field.normalized($0) }
        }
        let needed = form.filter { field in
            field.isSecret && field.applies(in: settings)
                && (stored.contains(field.key)
                    || field.isRequired(in: settings, secretsGiven: Set(stored)) == true)
        }
        let parts = [row.connector, row.name, row.settings, row.note]
        return EditPlan(
            kind: row.ownerKind, name: row.name, newName: newName, connector: connector, settings: raw,
            needed: needed.map(\.key), dropped: dropped,
            lost: secrets.filter { !$0.isCurrent }.map(SecretInfo.init), changes: changes,
            seen: Hex.encode(Digest.sha256(PAE.encode(parts.map(PAE.Piece.text)))))
    }
}
