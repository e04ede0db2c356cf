import VaultCrypto
import VaultLedger
public import VaultRegistry
import VaultStore
import VaultText

/// Settings that their connector's form accepts, in every representation that the row, the seal and the entry need.
struct CheckedForm {
    let client: Int64?
    let text: String
    /// The words of all values, as one text.
    let words: String
    let changes: [Change.Setting]
    let digestSettings: [(key: String, value: SettingsDigest.Value)]
    /// In byte order of their keys, as entries list them.
    let secretFields: [Field]
    private let raw: [String: [String]]
    private let given: Set<String>
    private let kind: OwnerKind

    init(_ draft: OwnerDraft, _ checked: ValidatedForm, client: Int64?) {
        self.client = client
        text = OwnerRow.text(of: checked.settings)
        words = checked.settings.sorted { $0.key.precedesInBytes($1.key) }.flatMap(\.value.values)
            .joined(separator: " ")
        changes = Transaction.changes(from: [:], to: checked.settings)
        digestSettings = checked.settings.map { ($0.key, $0.value.digestValue) }
        secretFields = checked.secretFields.sorted { $0.key.precedesInBytes($1.key) }
        raw = draft.settings
        given = Set(draft.secrets.keys)
        kind = draft.kind
    }

    /// Whether a draft has the same settings and secret fields.
    func fits(_ draft: OwnerDraft) -> Bool {
        draft.kind == kind && draft.settings.count == raw.count
            && draft.settings.allSatisfy { key, values in raw[key]?.haveSameBytes(as: values) ?? false }
            && draft.secrets.count == given.count
            && draft.secrets.keys.allSatisfy(given.contains)
    }
}

extension Connector {
    /// Validates a draft against this connector's form.
    ///
    /// - Throws: `invalid` with every problem at once.
    func check(_ draft: OwnerDraft) throws(VaultError) -> ValidatedForm {
        let given = Set(draft.secrets.keys)
        let result =
            draft.kind == .connection
            ? validate(raw: draft.settings, secretsGiven: given)
            : validateClient(raw: draft.settings, secretsGiven: given)
        var problems: [Problem] = []
        do { try Name.check(Name.canonical(draft.name)) } catch { problems.append(error) }
        for tag in draft.tags { problems += tag.problems }
        switch result {
        case .success(let checked):
            guard problems.isEmpty else { throw .input(.invalid(problems)) }
            return checked
        case .failure(let found): throw .input(.invalid(problems + found.all))
        }
    }

    /// The name of the client that a connection's settings refer to.
    func clientName(in settings: Settings) -> String? {
        guard let field = clientReference, case .text(let name)? = settings[field.key] else { return nil }
        return name
    }

    /// The fields of a connection or a client, in order, without its name.
    public func form(of kind: OwnerKind) -> [Field] { kind == .connection ? fields : client?.fields ?? [] }

    /// The secret field with this key, which must apply to the owner's settings.
    ///
    /// - Throws: `noSuchSecret` with the fields that do.
    func secretField(_ key: String, of owner: OwnerRow) throws(VaultError) -> Field {
        let settings = owner.readSettings ?? [:]
        let fields = form(of: owner.ownerKind).filter { $0.isSecret && applies($0, in: settings) }
        guard let field = fields.first(where: { $0.key == key }) else {
            throw .input(.noSuchSecret(owner: owner.name, field: key, fields: fields.map(\.key)))
        }
        return field
    }
}

extension Owner.Tag {
    var problems: [Problem] {
        var problems: [Problem] = []
        for part in [key, value] {
            do { try Name.check(part) } catch {
                problems.append(
                    Problem(field: "tag", message: "the tag '\(key)': \(error.message)", hint: error.hint))
            }
        }
        return problems
    }
}
