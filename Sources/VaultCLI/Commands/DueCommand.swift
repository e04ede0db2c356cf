import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault due`: lists secrets that expire, are to be rotated, or are unused.
struct DueCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "due",
        abstract: "List the secrets that expire, need a rotation or are unused. Needs no key.",
        discussion: "Exits with 3 if there are any. Without options it lists what is due within 30 days.")
    static let examples = [
        "vault due --within 90d",
        "vault due --unused 90d --older-than 1y",
        "vault due --metrics /var/lib/node_exporter/vault.prom",
    ]
    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Option(
        help: ArgumentHelp(
            "Secrets that expire or need a rotation within 30d, 12w, 6m, 1y.", valueName: "period"))
    var within: String?
    @Option(help: ArgumentHelp("Secrets that were not used for this period.", valueName: "period"))
    var unused: String?
    @Option(help: ArgumentHelp("Secrets that were not replaced for this period.", valueName: "period"))
    var olderThan: String?
    @Flag(help: "Secrets that have never passed a test.") var neverTested = false
    @Option(
        help: ArgumentHelp(
            "Also write the dates of all secrets to this file, for Prometheus' textfile collector.",
            valueName: "file"))
    var metrics: String?

    func run(_ context: Context) throws {
        let query = try query()
        let vault = try context.open()
        let found = try vault.perform(query)
        if let ahead = try vault.perform(CheckClock()) {
            ErrorReport.warn(
                "the clock of this machine shows \(context.now.text), but the newest entry is from \(ahead.text): "
                    + "the list is unreliable until the clock is correct")
        }
        if let metrics { try MetricsFile(vault, context, due: found.count).write(to: metrics, context) }
        guard !found.isEmpty else { return }
        try context.write(
            found.map { DueView(due: $0, now: context.now) },
            ["WHEN", "DAYS", "WHY", "NAME", "FIELD", "SET", "USED", "TESTED"], json: \.json, cells: \.cells)
        throw ExitStatus(.due)
    }

    /// The query of the options, or the default one.
    private func query() throws -> ListDueSecrets {
        var query = ListDueSecrets(neverTested: neverTested)
        if let within { query.within = try TimeArgument.period(within, option: "--within") }
        if let unused { query.unused = try TimeArgument.period(unused, option: "--unused") }
        if let olderThan { query.olderThan = try TimeArgument.period(olderThan, option: "--older-than") }
        if query == ListDueSecrets() { query.within = .days(30) }
        return query
    }
}

/// A secret that is due.
struct DueView {
    let due: DueSecret
    let now: Timestamp

    /// Whole days until it is due, negative if it is overdue.
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
