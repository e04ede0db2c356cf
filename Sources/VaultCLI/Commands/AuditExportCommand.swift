import ArgumentParser
import VaultCore
import VaultLedger

extension AuditCommand {
    struct Export: Command, ExampleProviding {
        enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Export entries, oldest first. Needs no key.",
            discussion: """
                The format jsonl has the exact bytes that were hashed, one entry per line. The format csv is safe to open in \
                a spreadsheet; it has a row for each value that an entry changed, with the old and the new one.
                """)
        static let examples = [
            "vault audit export > ledger.jsonl",
            "vault audit export --format csv --since 2026-01-01 > ledger.csv",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @OptionGroup var wanted: EntryFilterOptions
        @Option(help: "The format: jsonl or csv.") var format: Format = .jsonl

        func run(_ context: Context) throws {
            let filter = try wanted.filter(context)
            let vault = try context.open()
            if format == .csv {
                try context.output.line(
                    "seq,time,member,program,user,host,action,kind,object,change,reason,value,old,new")
            }
            try ExportEntries(filter).forEach(in: vault) { exported in
                for line in format == .csv ? Self.records(exported.entry) : [exported.text] {
                    try context.output.line(line)
                }
            }
            try context.output.flush()
        }

        private static func records(_ entry: Entry) -> [String] {
            let view = EntryView(entry: entry)
            let facts = [
                String(entry.seq), entry.time.text, entry.actor.name, entry.via.program, entry.via.user,
                entry.via.host, entry.action.rawValue, entry.object.kind.rawValue, entry.object.name,
                view.summary, entry.reason ?? "",
            ]
            let changed = view.differences.map { [$0.value, $0.old, $0.new] }
            return (changed.isEmpty ? [["", "", ""]] : changed).map {
                (facts + $0).map(SafeText.csvField).joined(separator: ",")
            }
        }
    }

    struct EntryFilterOptions: ParsableArguments {
        @Option(help: .init("Only entries about this connection or client.", valueName: "name"))
        var connection: String?
        @Option(help: .init("Only entries by this member.", valueName: "member")) var actor: String?
        @Option(
            help: .init(
                "Only this action, such as connection.edit, or its group, such as connection.",
                valueName: "action"))
        var action: String?
        @Option(
            help: .init(
                "Only entries since this date, RFC 3339 time, or period such as 7d.", valueName: "time")
        )
        var since: String?
        @Option(help: .init("Only entries until this time.", valueName: "time")) var until: String?

        func filter(_ context: Context) throws -> EntryFilter {
            var filter = EntryFilter()
            filter.object = connection
            filter.actor = actor
            filter.action = action
            filter.since = try since.map { try TimeArgument.past($0, from: context.now) }
            filter.until = try until.map { try TimeArgument.past($0, from: context.now) }
            return filter
        }
    }
}
