import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

extension AuditCommand {
    struct Export: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Export entries, oldest first; all of them without a filter.",
            discussion: """
                jsonl gives the very bytes that were hashed, a line each. csv is safe to open in a spreadsheet; it has a line \
                for each value that an entry changed, with the old and the new one, and one for an entry that changed none.
                """)
        @OptionGroup var options: GlobalOptions
        @OptionGroup var wanted: WantedEntries
        @Option(help: "jsonl or csv.") var format: Format = .jsonl

        func run() throws {
            let context = Context(options)
            let filter = try wanted.filter(context)
            let vault = try context.open()
            var failure: OutputError?
            if format == .csv {
                try context.output.line(
                    "seq,time,member,program,user,host,action,kind,object,change,reason,value,old,new")
            }
            try context.failing { () throws(VaultError) in
                try vault.exportEntries(filter) { entry, bytes in
                    guard failure == nil else { return }
                    do throws(OutputError) {
                        for line in format == .csv
                            ? Self.records(entry) : [String(decoding: bytes, as: UTF8.self)]
                        { try context.output.line(line) }
                    } catch { failure = error }
                }
            }
            if let failure { throw failure }
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

    /// Which entries are asked for; nothing given asks for all.
    struct WantedEntries: ParsableArguments {
        @Option(help: ArgumentHelp("Only those about this connection or client.", valueName: "name"))
        var connection: String?
        @Option(help: ArgumentHelp("Only those by this member.", valueName: "member")) var actor: String?
        @Option(
            help: ArgumentHelp(
                "Only this action, or all of its kind: connection.edit, connection.", valueName: "action"))
        var action: String?
        @Option(help: ArgumentHelp("Only since then: a date, RFC 3339, or 7d.", valueName: "time"))
        var since: String?
        @Option(help: ArgumentHelp("Only until then.", valueName: "time")) var until: String?

        func filter(_ context: Context) throws(Failure) -> EntryFilter {
            var filter = EntryFilter()
            filter.object = connection
            filter.actor = actor
            filter.action = action
            filter.since = try moment(since, context)
            filter.until = try moment(until, context)
            return filter
        }

        private func moment(_ text: String?, _ context: Context) throws(Failure) -> Timestamp? {
            guard let text else { return nil }
            if let moment = Timestamp(text: text) { return moment }
            if let back = Period(text) { return Timestamp(seconds: context.now.seconds - back.seconds) }
            throw Failure(
                .usage, "'\(text)' is no time", next: "give 2026-11-23, 2026-11-23T08:00:00Z, or 7d")
        }
    }
}
