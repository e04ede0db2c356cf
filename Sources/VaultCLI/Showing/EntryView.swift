import VaultLedger

/// An entry of the ledger as `audit log`, `audit show` and `history` tell it.
struct EntryView {
    let entry: Entry
    /// The clock went back before this entry.
    var isBack = false

    /// The entry's own fields, and the schema.
    var json: JSON {
        guard let parsed = try? JSON.parse(entry.bytes), case .object(var members) = parsed else {
            return .null
        }
        members["schema"] = 1
        if isBack { members["clock_went_back"] = true }
        return .object(members)
    }

    var time: String { entry.time.text + (isBack ? " (clock went back)" : "") }

    /// What was changed, in a few words: settings with old and new value, secrets by field and version; and why.
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

    /// What else the action has to tell.
    private func rest(leavingOut told: [String] = []) -> [String] {
        let told =
            told + ["member", "commitment", "deposit_key"] + (told.isEmpty ? [] : Array(Self.byKey.keys))
        var parts = entry.change.details.pairs.filter { !told.contains($0.key) }
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

    /// Every value that has an old or a new one, side by side: settings, and what else the action tells like that.
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

    /// Details that have a value of their own for each of their keys.
    private static let byKey = ["tags": "tag", "rotate_every": "rotate-every"]

    /// One fact a line, and for each value that was changed the old and the new one side by side.
    func writeFacts(to output: Output) throws(OutputError) {
        let lines = [
            ("entry", String(entry.seq)), ("time", entry.time.text), ("who", entry.actor.name),
            ("via", "\(entry.via.program), \(entry.via.user) on \(entry.via.host)"),
            ("action", entry.action.rawValue),
            ("what", "\(entry.object.kind.rawValue) \(entry.object.name)"),
            ("change", rest(leavingOut: differences.map(\.value)).joined(separator: "; ")),
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
    /// An old and a new value, where this is a pair of them.
    fileprivate var difference: (old: String, new: String)? {
        guard let pairs = object?.pairs, !pairs.isEmpty,
            pairs.allSatisfy({ ["new", "old"].contains($0.key) })
        else { return nil }
        return (self["old"]?.plain ?? "", self["new"]?.plain ?? "")
    }

    /// A value as a person reads it: no quotes around a text, commas between a list's.
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
