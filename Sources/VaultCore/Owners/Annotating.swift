import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

extension Vault {
    /// Changes what no secret is sealed to: tags, note, how often secrets are to be rotated (by field). A tag with an
    /// empty value is taken away.
    public func annotate(
        _ kind: OwnerKind, _ name: String, tags: [Owner.Tag], note: String?,
        rotate rules: [String: RotationRule] = [:], as session: Session
    ) throws(VaultError) {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.annotateConnection)
                let problems = tags.filter { !$0.value.isEmpty }.flatMap(\.problems)
                guard problems.isEmpty else { throw VaultError.invalid(problems) }
                let row = try transaction.rows.find(kind, name)
                let connector = try rules.isEmpty ? nil : connector(named: row.connector, transaction.rows)
                try transaction.annotate(row, tags, note, rules, connector)
            }
        }
    }

    /// Removes an owner with its secrets; a client that connections use is kept.
    public func remove(_ kind: OwnerKind, _ name: String, as session: Session) throws(VaultError) {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(kind.removal)
                let row = try transaction.rows.find(kind, name)
                let users = kind == .client ? try transaction.rows.users(of: row) : []
                guard users.isEmpty else {
                    throw VaultError.clientInUse(name: name, by: users, why: "removed")
                }
                try transaction.rows.deleteOwner(row.id)
                var change = Change(settings: Transaction.changes(from: row.readSettings ?? [:], to: [:]))
                // The newest state from here on: rows that are put back are then seen to belong to nobody.
                change.state = OwnerState(
                    settingsDigest: row.settingsDigest ?? [UInt8](repeating: 0, count: 32), annotations: nil,
                    secrets: [])
                change.details["connector"] = .string(row.connector)
                try transaction.record(kind.removal, row.object, change)
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func annotate(
        _ owner: OwnerRow, _ tags: [Owner.Tag], _ note: String?, _ rules: [String: RotationRule],
        _ connector: Connector?
    ) throws {
        var state = try signedState(of: owner)
        var row = owner
        var kept = try rows.tags(of: row.id)
        var changed: JSON.Members = [:]
        for tag in tags {
            let old = kept.first { $0.key.hasSameBytes(as: tag.key) }?.value
            guard !(old ?? "").hasSameBytes(as: tag.value) else { continue }
            kept.removeAll { $0.key.hasSameBytes(as: tag.key) }
            if !tag.value.isEmpty { kept.append((tag.key, tag.value)) }
            changed[tag.key] = Self.change(from: old, to: tag.value.isEmpty ? nil : tag.value)
        }
        var details: JSON.Members = [:]
        if !changed.isEmpty { details["tags"] = .object(changed) }
        if let note, !note.hasSameBytes(as: row.note) {
            details["note"] = Self.change(from: row.note, to: note)
            row.note = note
        }
        if let connector {
            let periods = try setPeriods(rules, of: owner, connector, in: &state)
            if !periods.isEmpty { details["rotate_every"] = .object(periods) }
        }
        guard !details.isEmpty else { throw VaultError.nothingToDo(row.name) }
        try rows.setTags(kept, of: row.id)
        try rows.updateOwner(row, words: row.words(row.readSettings ?? [:], kept))
        state.annotations = annotationsDigest(note: row.note, tags: kept)
        try record(.annotateConnection, row.object, Change(state: state, details: details))
    }

    private static func change(from old: String?, to new: String?) -> JSON {
        var change: JSON.Members = [:]
        if let new { change["new"] = .string(new) }
        if let old, !old.isEmpty { change["old"] = .string(old) }
        return .object(change)
    }
}
