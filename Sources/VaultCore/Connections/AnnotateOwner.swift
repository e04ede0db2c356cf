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
        var tags = JSON.Members(try transaction.rows.tags(of: row.id).map { ($0.key, .string($0.value)) })
        let changed = set(in: &tags)
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
        let pairs = tags.pairs.map { (key: $0.key, value: $0.value.string ?? "") }
        try transaction.rows.setTags(pairs, of: row.id)
        try transaction.rows.updateOwner(row, words: row.words(pairs))
        state.annotations = annotationsDigest(note: row.note, tags: pairs)
        try transaction.record(.annotateConnection, row.object, Change(state: state, details: details))
        return Done()
    }

    /// Sets the tags.
    ///
    /// - Returns: Each change, for the entry.
    private func set(in all: inout JSON.Members) -> JSON.Members {
        var changed: JSON.Members = [:]
        for tag in tags {
            let (old, new) = (all[tag.key]?.string, tag.value.isEmpty ? nil : tag.value)
            guard !old.hasSameBytes(as: new) else { continue }
            all[tag.key] = new.map { .string($0) }
            changed[tag.key] = Self.change(from: old, to: new)
        }
        return changed
    }

    private static func change(from old: String?, to new: String?) -> JSON {
        var change: JSON.Members = [:]
        if let new { change["new"] = .string(new) }
        if let old, !old.isEmpty { change["old"] = .string(old) }
        return .object(change)
    }
}
