import VaultLedger

/// The history of one connection, a sentence per line: who did what, from what to what, and why.
///
/// Repeated uses by one member are one line.
struct ConnectionHistory {
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
            let rest = what.dropFirst(ConnectionHistory.used.count)
            return
                "\(first.text)  \(who) \(ConnectionHistory.used) \(times) times\(rest), until \(last.text)\(because)"
        }
    }

    mutating func add(_ entry: Entry) {
        let line = Line(
            first: entry.time, last: entry.time, who: entry.actor.name, what: Self.sentence(entry),
            why: entry.reason, isUse: entry.action.isUse && entry.action != .proxyConnection)
        guard let previous = lines.last, previous.isRepeated(by: line) else { return lines.append(line) }
        lines[lines.count - 1].last = line.last
        lines[lines.count - 1].times += 1
    }

    func write(to output: Output) throws {
        try output.lines(lines.map(\.text))
    }

    /// The sentence for an entry, without its subject.
    private static func sentence(_ entry: Entry) -> String {
        let details = entry.change.details
        func count(_ key: String) -> Int64 { details[key]?.integer ?? 0 }
        switch entry.action {
        case .createConnection, .createClient:
            let origin = details["from"].map { " from vault \($0["vault"]?.plain ?? "")" } ?? ""
            return "created it\(origin)" + list(" with ", settings(entry)) + secrets(entry, ", and entered ")
        case .editConnection, .editClient:
            let renamed = details["name"].map { "renamed it: \($0.plain)" }
            let changes = list("", [renamed, list("changed ", settings(entry))])
            return (changes.isEmpty ? "edited it" : changes) + secrets(entry, ", and entered ")
        case .annotateConnection:
            return "annotated it" + list(": ", details.pairs.map { "\($0.key) \($0.value.plain)" })
        case .setSecret:
            let field = details["field"]?.plain ?? ""
            let versions = entry.change.state?.secrets.filter { $0.field == field } ?? []
            let newest = versions.max { $0.version < $1.version }
            let deposited = newest?.deposit == nil ? "entered" : "deposited"
            return "\(deposited) \(field)" + (newest.map { " version \($0.version)" } ?? "")
        case .sealDeposit: return "resealed the deposited \(details["fields"]?.plain ?? "")"
        case .verifySecret: return "compared a value with \(details["field"]?.plain ?? "")"
        case .execConnection:
            return "\(used) with \(details["program"]?.plain ?? "")"
                + list(", as ", [details["variables"]?.plain])
        case .exportConnection: return "exported it in a bundle for the key \(details["to"]?.plain ?? "")"
        case .proxyConnection:
            let (sent, failed, refused) = (count("requests"), count("failed"), count("refused"))
            guard sent + refused > 0 else { return "started a proxy for it" }
            return "sent \(counted(sent, "request")) through a proxy (\(failed) failed, \(refused) refused)"
        case .removeConnection, .removeClient: return "removed it"
        case .refused:
            return "was refused: \(refusal(details["what"]?.plain ?? "", details["why"]?.plain ?? ""))"
        default:
            let summary = EntryView(entry: entry).change
            return words(entry.action) + (summary.isEmpty ? "" : " (\(summary))")
        }
    }

    private static func words(_ action: Action) -> String {
        if let use = action.use { return "\(used) by \(use)" }
        return switch action {
        case .allowUses: "changed its policy"
        case .testedConnection: "got a test result"
        case .mintToken: "\(used) for a token"
        case .rollBackSecret: "rolled back to an older version"
        case .destroySecret: "destroyed a version"
        case .startRotation: "started a rotation"
        case .testRotation: "tested the pending version"
        case .finishRotation: "finished the rotation"
        case .abortRotation: "aborted the rotation"
        default: action.rawValue
        }
    }

    /// Why a use was refused, such as `exec is not allowed by the policy`.
    private static func refusal(_ what: String, _ why: String) -> String {
        let use = what.hasPrefix("connection.") ? String(what.dropFirst("connection.".count)) : what
        if why == "policy" { return "\(use) is not allowed by the policy" }
        if why.hasPrefix("policy: ") {
            return "\(why.dropFirst("policy: ".count)) is not allowed by the policy"
        }
        if why.hasPrefix("role ") { return "\(use) is not allowed for the \(why)" }
        return "\(use) (\(why))"
    }

    private static func settings(_ entry: Entry) -> [String] {
        entry.change.settings.map { setting in
            switch (setting.old, setting.new) {
            case (let old?, let new): "\(setting.key) from \(old.plain) to \(new?.plain ?? "nothing")"
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
