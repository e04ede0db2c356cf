import VaultLedger

/// An entry of the ledger, as `audit log`, `audit show` and `history` print it.
struct EntryView {
    let entry: Entry
    /// Whether the entry is older than the one before it: the clock went back.
    var isBack = false

    /// The entry's fields, and the schema version.
    var json: JSON {
        guard let parsed = try? JSON.parse(entry.bytes), case .object(var members) = parsed else {
            return .null
        }
        members["schema"] = 1
        if isBack { members["clock_went_back"] = true }
        return .object(members)
    }

    var time: String { entry.time.text + (isBack ? " (clock went back)" : "") }

    /// The change on one line: settings with old and new value, secrets by field and version, and the reason.
    var summary: String {
        [change, because].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private var because: String? { entry.reason.map { "because: \($0)" } }

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
        var parts = entry.change.details.pairs.filter { !hidden.contains($0.key) }
            .map { "\($0.key): \($0.value.plain)" }
        let setsSecrets: Set<Action> = [
            .createConnection, .editConnection, .createClient, .editClient, .setSecret,
        ]
        if setsSecrets.contains(entry.action) {
            parts += (entry.change.state?.secrets(.current) ?? []).map { "\($0.field) version \($0.version)" }
        } else if entry.action == .startRotation {
            parts += (entry.change.state?.secrets(.pending) ?? []).map { "\($0.field) version \($0.version)" }
        }
        return parts
    }

    /// The old and new values, of settings and of other details that have both.
    var differences: [(value: String, old: String, new: String)] {
        var found = entry.change.settings.map { ($0.key, $0.old?.plain ?? "", $0.new?.plain ?? "") }
        for (key, value) in entry.change.details.pairs.map({ ($0.key, $0.value) }) {
            if let word = Self.byKey[key] {
                found += (value.object?.pairs ?? []).map { pair in
                    let change = pair.value.difference ?? ("", pair.value.plain)
                    return ("\(word) \(pair.key)", change.old, change.new)
                }
            } else if let change = value.difference {
                found.append((key, change.old, change.new))
            } else if key == "note" {
                found.append((key, "", value.plain))
            }
        }
        return found
    }

    /// Details that are objects, with the word for each of their keys.
    private static let byKey = ["tags": "tag", "rotate_every": "rotate-every"]

    /// Writes one fact per line, and a table of the old and new values.
    func writeFacts(to output: Output) throws {
        let lines = [
            ("entry", String(entry.seq)), ("time", entry.time.text), ("who", entry.actor.name),
            ("via", "\(entry.via.program), \(entry.via.user) on \(entry.via.host)"),
            ("action", entry.action.rawValue),
            ("what", "\(entry.object.kind.rawValue) \(entry.object.name)"),
            ("change", rest(excluding: differences.map(\.value)).joined(separator: "; ")),
            ("reason", entry.reason ?? ""),
            ("operation", entry.operation.hex),
        ]
        for (key, value) in lines where !value.isEmpty {
            try output.line(key + String(repeating: " ", count: 11 - key.count) + SafeText.escaped(value))
        }
        guard !differences.isEmpty else { return }
        var table = Table(["VALUE", "OLD", "NEW"])
        for change in differences { table.add([change.value, change.old, change.new]) }
        try output.line()
        try output.table(table)
    }

    static let headers = ["SEQ", "TIME", "WHO", "ACTION", "WHAT", "CHANGE"]

    var cells: [String] {
        [String(entry.seq), time, entry.actor.name, entry.action.rawValue, entry.object.name, summary]
    }
}

extension JSON {
    /// The old and the new value, if this is such a pair.
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
