import VaultLedger

/// An entry of the ledger, as `audit log`, `audit show` and `history` print it.
struct EntryView {
    let entry: Entry
    /// Whether the entry is older than the one before it: the clock went back.
    var isBack = false

    /// The entry's fields, and the schema version.
    var json: JSONObject {
        guard case .object(let members)? = try? JSON.parse(entry.bytes) else { return [:] }
        var json = JSONObject(members)
        json["schema"] = 1
        if isBack { json["clock_went_back"] = true }
        return json
    }

    /// The change on one line: settings with old and new value, secrets by field and version, and the reason.
    var summary: String {
        let because = entry.reason.map { "because: \($0)" } ?? ""
        return [change, because].filter { !$0.isEmpty }.joined(separator: "; ")
    }

    var change: String { (settings + rest()).joined(separator: "; ") }

    private var settings: [String] {
        entry.change.settings.map { setting in
            switch (setting.old, setting.new) {
            case (nil, let new?): "\(setting.key) = \(new.plain)"
            case (let old?, nil): "\(setting.key) removed (was \(old.plain))"
            case (let old?, let new?): "\(setting.key): \(old.plain) → \(new.plain)"
            case (nil, nil): setting.key
            }
        }
    }

    /// The details other than settings.
    private func rest(excluding shown: [String] = []) -> [String] {
        let hidden =
            shown + ["member", "commitment", "deposit_key"] + (shown.isEmpty ? [] : Array(Self.byKey.keys))
        let parts = entry.change.details.pairs.filter { !hidden.contains($0.key) }
            .map { "\($0.key): \($0.value.plain)" }
        let changed: SecretLabel
        switch entry.action {
        case .createConnection, .editConnection, .createClient, .editClient, .setSecret: changed = .current
        case .startRotation: changed = .pending
        default: return parts
        }
        let secrets = entry.change.state?.secrets(changed) ?? []
        return parts + secrets.map { "\($0.field) version \($0.version)" }
    }

    /// The old and new values, of settings and of other details that have both.
    var differences: [(value: String, old: String, new: String)] {
        var found = entry.change.settings.map { ($0.key, $0.old?.plain ?? "", $0.new?.plain ?? "") }
        for detail in entry.change.details.pairs {
            if let word = Self.byKey[detail.key] {
                found += (detail.value.object?.pairs ?? []).map { pair in
                    let change = pair.value.difference ?? ("", pair.value.plain)
                    return ("\(word) \(pair.key)", change.old, change.new)
                }
            } else if let change = detail.value.difference {
                found.append((detail.key, change.old, change.new))
            } else if detail.key == "note" {
                found.append((detail.key, "", detail.value.plain))
            }
        }
        return found
    }

    /// Details that are objects, with the word for each of their keys.
    private static let byKey = ["tags": "tag", "rotate_every": "rotate-every"]

    /// Writes one fact per line, and a table of the old and new values.
    func writeFacts(to output: Output) throws {
        let facts = [
            ("entry", String(entry.seq)), ("time", entry.time.text), ("who", entry.actor.name),
            ("via", "\(entry.via.program), \(entry.via.user) on \(entry.via.host)"),
            ("action", entry.action.rawValue),
            ("what", "\(entry.object.kind.rawValue) \(entry.object.name)"),
            ("change", rest(excluding: differences.map(\.value)).joined(separator: "; ")),
            ("reason", entry.reason ?? ""), ("operation", entry.operation.hex),
        ]
        try output.lines(aligned(facts.filter { !$0.1.isEmpty }, width: 11))
        guard !differences.isEmpty else { return }
        try output.line()
        try output.table(Table(["VALUE", "OLD", "NEW"], differences.map { [$0.value, $0.old, $0.new] }))
    }

    static let headers = ["SEQ", "TIME", "WHO", "ACTION", "WHAT", "CHANGE"]

    var cells: [String] {
        let time = entry.time.text + (isBack ? " (clock went back)" : "")
        return [String(entry.seq), time, entry.actor.name, entry.action.rawValue, entry.object.name, summary]
    }
}

extension JSON {
    fileprivate var difference: (old: String, new: String)? {
        guard let pairs = object?.pairs, !pairs.isEmpty,
            pairs.allSatisfy({ ["new", "old"].contains($0.key) })
        else { return nil }
        return (self["old"]?.plain ?? "", self["new"]?.plain ?? "")
    }

    /// The value without JSON's punctuation: no quotes around a string, commas between the items of a list.
    var plain: String {
        switch self {
        case .string(let text): text
        case .array(let items): items.map(\.plain).joined(separator: ", ")
        case .object(let members):
            if let new = members["new"] {
                (members["old"].map { "\($0.plain) → " } ?? "") + new.plain
            } else if let old = members["old"] {
                "removed (was \(old.plain))"
            } else {
                members.pairs.map { "\($0.key) \($0.value.plain)" }.joined(separator: ", ")
            }
        case .null, .bool, .integer: text
        }
    }
}
