import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultText

/// A draft's form without problems, in every encoding that the row, the entry and the digest need.
///
/// A transaction keeps the last one: most drafts of an import have the same settings.
struct CheckedForm {
    let client: Int64?
    /// The JSON text of the row.
    let text: String
    let words: String
    let changes: [Change.Setting]
    let pieces: [(key: String, value: PAE.Piece)]
    /// In byte order of their keys, as entries list them.
    let secretFields: [Field]
    private let connector: String
    private let kind: OwnerKind
    private let typed: [String: [String]]
    private let secretsGiven: Set<String>

    init(_ draft: OwnerDraft, _ form: ValidatedForm, client: Int64?) {
        self.client = client
        (text, words, pieces) = (form.settings.json.text, form.settings.words, form.settings.pieces)
        changes = form.settings.changes(from: [:])
        secretFields = form.secretFields.sorted { $0.key.precedesInBytes($1.key) }
        (connector, kind, typed) = (draft.connector, draft.kind, draft.settings)
        secretsGiven = Set(draft.secrets.keys)
    }

    /// Whether a draft has the same connector, settings and secret fields.
    func fits(_ draft: OwnerDraft) -> Bool {
        draft.connector.hasSameBytes(as: connector) && draft.kind == kind
            && draft.settings.count == typed.count
            && draft.settings.allSatisfy { key, values in typed[key]?.haveSameBytes(as: values) ?? false }
            && draft.secrets.count == secretsGiven.count
            && draft.secrets.keys.allSatisfy(secretsGiven.contains)
    }
}
