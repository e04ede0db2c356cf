import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault due`: which secrets expire, are to be rotated, or are used by nobody. Needs no key.
struct DueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "due",
        abstract: "The secrets that somebody should do something about: exit 3 when there are any.",
        discussion: """
            vault due --within 30d                    what expires or is to be rotated
            vault due --unused 90d --older-than 1y    what nobody uses, and what nobody has rotated
            vault due --metrics /var/lib/node_exporter/vault.prom
            """)
    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("Due within this time: 30d, 12w, 6m, 1y.", valueName: "period"))
    var within: String?
    @Option(help: ArgumentHelp("Not used for this long.", valueName: "period")) var unused: String?
    @Option(help: ArgumentHelp("Not replaced for this long.", valueName: "period")) var olderThan: String?
    @Flag(help: "Has not passed a test.") var neverTested = false
    @Option(
        help: ArgumentHelp(
            "Write every secret's dates here as well, for Prometheus' textfile collector.", valueName: "file")
    )
    var metrics: String?

    func run() throws {
        let context = Context(options)
        let query = try query()
        let vault = try context.open()
        let (found, ahead) = try context.failing { () throws(VaultError) in
            (try vault.due(query), try vault.timeAhead())
        }
        if let ahead {
            ErrorReport.warn(
                "the clock of this machine says \(context.now.text), and the newest entry \(ahead.text): "
                    + "until the clock is right, what is due cannot be told")
        }
        if let metrics { try MetricsFile(vault, context.now, due: found.count).write(to: metrics, context) }
        var table = Table(["WHEN", "DAYS", "WHY", "NAME", "FIELD", "SET", "USED", "TESTED"])
        for due in found {
            let view = DueView(due: due, now: context.now)
            if context.json { try context.output.json(view.json) } else { table.add(view.cells) }
        }
        if !context.json, !found.isEmpty { try context.output.table(table) }
        try context.output.flush()
        if !found.isEmpty { throw ExitStatus(.due) }
    }

    /// Without a question: what is due within 30 days.
    private func query() throws(Failure) -> DueQuery {
        var query = DueQuery(neverTested: neverTested)
        if let within { query.within = try Expiry.period(within, option: "--within") }
        if let unused { query.unused = try Expiry.period(unused, option: "--unused") }
        if let olderThan { query.olderThan = try Expiry.period(olderThan, option: "--older-than") }
        if query == DueQuery() { query.within = .days(30) }
        return query
    }
}

/// A secret that is due, as `due` tells it.
struct DueView {
    let due: DueSecret
    let now: Timestamp

    /// Whole days until then; below zero when it is past.
    private var days: Int64 {
        let seconds = due.at.seconds - now.seconds
        return seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
    }

    private var why: String {
        switch due.why {
        case .expires: due.at <= now ? "expired" : "expires"
        case .rotate: "rotate"
        case .unused: "unused"
        case .old: "old"
        case .untested: "untested"
        }
    }

    var cells: [String] {
        let secret = due.secret
        return [
            due.at.text, String(days), why, secret.owner, secret.field, secret.setAt.text,
            secret.usedAt?.text ?? "", secret.testedAt?.text ?? "",
        ]
    }

    var json: JSON {
        let secret = due.secret
        var members: JSON.Members = [
            "connector": .string(secret.connector), "days": .integer(days), "field": .string(secret.field),
            "kind": .string(secret.kind.rawValue), "owner": .string(secret.owner), "schema": 1,
            "set_at": .string(secret.setAt.text), "set_by": .string(secret.setBy),
            "version": .integer(Int64(secret.version)), "when": .string(due.at.text), "why": .string(why),
        ]
        members["expires_at"] = secret.expiresAt.map { .string($0.text) }
        members["rotate_by"] = secret.rotateBy.map { .string($0.text) }
        members["tested_at"] = secret.testedAt.map { .string($0.text) }
        members["used_at"] = secret.usedAt.map { .string($0.text) }
        return .object(members)
    }
}
