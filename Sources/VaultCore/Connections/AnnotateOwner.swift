import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Changes what secrets are not sealed to: tags, note, and rotation periods.
///
/// - Throws: `notFound`, `invalid`, `noSuchSecret`, `nothingToDo`.
public struct AnnotateOwner: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let kind: OwnerKind
    private let name: String
    private let tags: [Owner.Tag]
    private let note: String?
    private let rules: [String: RotationRule]
    var action: Action { .annotateConnection }

    /// - Parameters:
    ///   - kind: Whether it is a connection or a client.
    ///   - name: The name of a connection or client.
    ///   - tags: Tags to set; an empty value removes the tag.
    ///   - note: The new note; nil keeps the current one.
    ///   - rules: New rotation periods, by secret field.
    public init(
        _ kind: OwnerKind, _ name: String, tags: [Owner.Tag], note: String?,
        rotate rules: [String: RotationRule] = [:]
    ) {
        (self.kind, self.name, self.tags, self.note, self.rules) = (kind, name, tags, note, rules)
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let problems = tags.filter { !$0.value.isEmpty }.flatMap(\.problems)
        guard problems.isEmpty else { throw VaultError.input(.invalid(problems)) }
        let owner = try transaction.rows.find(kind, name)
        let connector = try rules.isEmpty ? nil : transaction.connector(named: owner.connector)
        var state = try transaction.signedState(of: owner)
        var row = owner
        var details: JSON.Members = [:]
        let (tags, changed) = merge(tags, into: try transaction.rows.tags(of: row.id))
        if !changed.isEmpty { details["tags"] = .object(changed) }
        if let note, !note.hasSameBytes(as: row.note) {
            details["note"] = Self.change(from: row.note, to: note)
            row.note = note
        }
        if let connector {
            let periods = try transaction.setPeriods(rules, of: owner, connector, in: &state)
            if !periods.isEmpty { details["rotate_every"] = .object(periods) }
        }
        guard !details.isEmpty else { throw VaultError.input(.nothingToDo(row.name)) }
        try transaction.rows.setTags(tags, of: row.id)
        try transaction.rows.updateOwner(row, words: row.words(row.readSettings ?? [:], tags))
        state.annotations = annotationsDigest(note: row.note, tags: tags)
        try transaction.record(.annotateConnection, row.object, Change(state: state, details: details))
        return Done()
    }

    /// The tags afterwards, and each change for the entry.
    private func merge(
        _ tags: [Owner.Tag], into present: [(key: String, value: String)]
    ) -> (tags: [(key: String, value: String)], changed: JSON.Members) {
        var (all, changed) = (present, [:] as JSON.Members)
        for tag in tags {
            let old = all.first { $0.key.hasSameBytes(as: tag.key) }?.value
            guard !(old ?? "").hasSameBytes(as: tag.value) else { continue }
            all.removeAll { $0.key.hasSameBytes(as: tag.key) }
            if !tag.value.isEmpty { all.append((tag.key, tag.value)) }
            changed[tag.key] = Self.change(from: old, to: tag.value.isEmpty ? nil : tag.value)
        }
        return (all, changed)
    }

    private static func change(from old: String?, to new: String?) -> JSON {
        var change: JSON.Members = [:]
        if let new { change["new"] = .string(new) }
        if let old, !old.isEmpty { change["old"] = .string(old) }
        return .object(change)
    }
}
