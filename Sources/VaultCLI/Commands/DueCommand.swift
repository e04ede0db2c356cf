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
        help: .init("Secrets that expire or need a rotation within 30d, 12w, 6m, 1y.", valueName: "period"))
    var within: String?
    @Option(help: .init("Secrets that were not used for this period.", valueName: "period"))
    var unused: String?
    @Option(help: .init("Secrets that were not replaced for this period.", valueName: "period"))
    var olderThan: String?
    @Flag(help: "Secrets that have never passed a test.") var neverTested = false
    @Option(
        help: .init(
            "Also write the dates of all secrets to this file, for Prometheus' textfile collector.",
            valueName: "file"))
    var metrics: String?

    func run(_ context: Context) throws {
        let query = try query()
        let vault = try context.open()
        let now = context.now
        let found = try vault.perform(query)
        if let ahead = try vault.perform(CheckClock()) {
            ErrorReport.warn(
                "the clock of this machine shows \(now.text), but the newest entry is from \(ahead.text): "
                    + "the list is unreliable until the clock is correct")
        }
        if let metrics { try MetricsFile(vault, now: now, due: found.count).write(to: metrics) }
        guard !found.isEmpty else { return }
        try context.write(
            found, ["WHEN", "DAYS", "WHY", "NAME", "FIELD", "SET", "USED", "TESTED"],
            json: { $0.json(now) }, cells: { $0.cells(now) })
        throw ExitStatus(.due)
    }

    private func query() throws -> ListDueSecrets {
        var query = ListDueSecrets(neverTested: neverTested)
        if let within { query.within = try TimeArgument.period(within, option: "--within") }
        if let unused { query.unused = try TimeArgument.period(unused, option: "--unused") }
        if let olderThan { query.olderThan = try TimeArgument.period(olderThan, option: "--older-than") }
        if query == ListDueSecrets() { query.within = .days(30) }
        return query
    }
}

extension DueSecret {
    /// Whole days until it is due, negative if it is overdue.
    private func days(_ now: Timestamp) -> Int64 {
        let seconds = at.seconds - now.seconds
        return (seconds < 0 ? seconds - 86_399 : seconds) / 86_400
    }

    private func reason(_ now: Timestamp) -> String {
        switch why {
        case .expires: at <= now ? "expired" : "expires"
        case .rotate, .unused, .old, .untested: why.rawValue
        }
    }

    fileprivate func cells(_ now: Timestamp) -> [String] {
        [
            at.text, String(days(now)), reason(now), secret.owner, secret.field, secret.setAt.text,
            secret.usedAt?.text ?? "", secret.testedAt?.text ?? "",
        ]
    }

    fileprivate func json(_ now: Timestamp) -> JSONObject {
        [
            "connector": secret.connector, "days": days(now), "expires_at": secret.expiresAt,
            "field": secret.field, "kind": secret.kind, "owner": secret.owner, "rotate_by": secret.rotateBy,
            "set_at": secret.setAt, "set_by": secret.setBy, "tested_at": secret.testedAt,
            "used_at": secret.usedAt, "version": secret.version, "when": at, "why": reason(now),
        ]
    }
}
