import VaultLedger

/// What happened to one connection, told line by line: who did what, from what to what, and why.
///
/// The same use by the same member, several times in a row, is one line.
struct Story {
    /// How every use begins.
    private static let used = "used it"
    private var lines: [Line] = []

    private struct Line {
        let first: Timestamp
        var last: Timestamp
        let who: String
        let what: String
        let why: String?
        let isUse: Bool
        var times = 1

        func isRepeated(by other: Line) -> Bool {
            isUse && other.isUse && who == other.who && what == other.what && why == other.why
        }

        var text: String {
            let because = why.map { ", because: \($0)" } ?? ""
            guard times > 1 else { return "\(first.text)  \(who) \(what)\(because)" }
            let rest = what.dropFirst(Story.used.count)
            return "\(first.text)  \(who) \(Story.used) \(times) times\(rest), until \(last.text)\(because)"
        }
    }

    mutating func add(_ entry: Entry) {
        let line = Line(
            first: entry.time, last: entry.time, who: entry.actor.name, what: Self.deed(entry),
            why: entry.reason, isUse: entry.action.isUse)
        guard let previous = lines.last, previous.isRepeated(by: line) else { return lines.append(line) }
        lines[lines.count - 1].last = line.last
        lines[lines.count - 1].times += 1
    }

    func write(to output: Output) throws(OutputError) {
        for line in lines { try output.line(SafeText.escaped(line.text)) }
    }

    /// What an entry says was done to its connection, behind the name of who did it.
    private static func deed(_ entry: Entry) -> String {
        let details = entry.change.details
        switch entry.action {
        case .createConnection, .createClient:
            let origin = details["from"].map { " from vault \($0["vault"]?.plain ?? "")" } ?? ""
            return "created it\(origin)" + list(", with ", settings(entry)) + secrets(entry, ", and entered ")
        case .editConnection, .editClient:
            let renamed = details["name"].map { ["renamed it: \($0.plain)"] } ?? []
            let parts =
                renamed + (entry.change.settings.isEmpty ? [] : ["changed " + list("", settings(entry))])
            return (parts.isEmpty ? ["edited it"] : parts).joined(separator: ", ")
                + secrets(entry, ", and entered ")
        case .annotateConnection:
            return "annotated it" + list(", with ", details.pairs.map { "\($0.key) \($0.value.plain)" })
        case .setSecret:
            let field = details["field"]?.plain ?? ""
            let versions = entry.change.state?.secrets.filter { $0.field == field } ?? []
            let newest = versions.max { $0.version < $1.version }
            let deposited = newest?.deposit == nil ? "entered" : "deposited"
            return "\(deposited) \(field)" + (newest.map { " version \($0.version)" } ?? "")
        case .sealDeposit: return "sealed what was deposited: \(details["fields"]?.plain ?? "")"
        case .verifySecret: return "compared a value with \(details["field"]?.plain ?? "")"
        case .execConnection:
            return "\(used) with \(details["program"]?.plain ?? "")"
                + list(", as ", [details["variables"]?.plain])
        case .exportConnection: return "exported it in a bundle, for the key \(details["to"]?.plain ?? "")"
        case .removeConnection, .removeClient: return "removed it"
        default:
            let summary = EntryView(entry: entry).change
            return words(entry.action) + (summary.isEmpty ? "" : " (\(summary))")
        }
    }

    private static func words(_ action: Action) -> String {
        if let use = action.use { return "\(used) by \(use)" }
        return switch action {
        case .allowUses: "changed its policy"
        case .testedConnection: "was told how its test ended"
        case .mintToken: "\(used) for a token"
        case .rollBackSecret: "went back to an older version"
        case .destroySecret: "destroyed a version"
        case .startRotation: "began to rotate it"
        case .testRotation: "tested the pending version"
        case .finishRotation: "finished the rotation"
        case .abortRotation: "gave the rotation up"
        default: action.rawValue
        }
    }

    private static func settings(_ entry: Entry) -> [String] {
        entry.change.settings.map { setting in
            switch (setting.old, setting.new) {
            case (let old?, let new?): "\(setting.key) from \(old.plain) to \(new.plain)"
            case (let old?, nil): "\(setting.key) from \(old.plain) to nothing"
            case (nil, let new?): "\(setting.key) \(new.plain)"
            case (nil, nil): setting.key
            }
        }
    }

    private static func secrets(_ entry: Entry, _ words: String) -> String {
        list(words, entry.change.state?.secrets.map { "\($0.field) version \($0.version)" } ?? [])
    }

    private static func list(_ words: String, _ parts: [String?]) -> String {
        let parts = parts.compactMap(\.self).filter { !$0.isEmpty }
        return parts.isEmpty ? "" : words + parts.joined(separator: ", ")
    }
}
