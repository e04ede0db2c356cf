import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault audit`: who changed what, in a log that an outsider can check.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The signed log of every change and use. Reading it needs no key.",
        subcommands: [
            Log.self, Show.self, Verify.self, CheckpointCommand.self, Cosign.self, Prove.self,
            VerifyProof.self, Export.self, Accept.self,
        ])

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "List entries, newest first.")
        @OptionGroup var options: GlobalOptions
        @Option(help: ArgumentHelp("Only those about this connection or client.", valueName: "name"))
        var connection: String?
        @Option(help: ArgumentHelp("Only those by this member.", valueName: "member")) var actor: String?
        @Option(
            help: ArgumentHelp(
                "Only this action, or all of its kind: connection.edit, connection.", valueName: "action"))
        var action: String?
        @Option(help: ArgumentHelp("Only since then: a date, RFC 3339, or 7d.", valueName: "time")) var since:
            String?
        @Option(help: ArgumentHelp("Only until then.", valueName: "time")) var until: String?
        @Option(help: "At most so many.") var limit: Int?
        @Option(help: "A line for each member instead: what they did, how often, when first and last.")
        var by: Grouping?

        enum Grouping: String, ExpressibleByArgument, CaseIterable { case actor }

        func run() throws {
            let context = Context(options)
            let filter = try filter(context)
            let vault = try context.open()
            if by == .actor {
                let activity = try context.failing { () throws(VaultError) in try vault.activity(filter) }
                return try ActivityView(activity).write(to: context)
            }
            var table = Table(EntryView.headers)
            var failure: OutputError?
            try context.failing { () throws(VaultError) in
                try vault.log(filter) { entry, _, isBack in
                    guard failure == nil else { return }
                    let view = EntryView(entry: entry, isBack: isBack)
                    guard context.json else { return table.add(view.cells) }
                    do throws(OutputError) { try context.output.json(view.json) } catch { failure = error }
                }
            }
            if let failure { throw failure }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }

        private func filter(_ context: Context) throws(Failure) -> EntryFilter {
            var filter = EntryFilter()
            filter.object = connection
            filter.actor = actor
            filter.action = action
            filter.since = try moment(since, context)
            filter.until = try moment(until, context)
            if let limit, limit < 1 {
                throw Failure(.usage, "--limit must be at least 1", next: "leave it out for all")
            }
            filter.limit = limit
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

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one entry, after checking that it is in the tree.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The entry's number.") var seq: UInt64

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let found = try context.failing { () throws(VaultError) in try vault.entry(seq) }
            let view = EntryView(entry: found.entry)
            if context.json {
                try context.output.json(view.json)
            } else {
                try view.writeFacts(to: context.output)
            }
            try context.output.flush()
        }
    }

    struct Export: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Export every entry, oldest first.",
            discussion:
                "jsonl gives the very bytes that were hashed, a line each; csv is safe to open in a spreadsheet."
        )
        @OptionGroup var options: GlobalOptions
        @Option(help: "jsonl or csv.") var format: Format = .jsonl

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            var failure: OutputError?
            if format == .csv {
                try context.output.line("seq,time,member,program,user,host,action,kind,object,change,reason")
            }
            try context.failing { () throws(VaultError) in
                try vault.exportEntries { entry, bytes in
                    guard failure == nil else { return }
                    do throws(OutputError) {
                        try context.output.line(
                            format == .csv ? Self.record(entry) : String(decoding: bytes, as: UTF8.self))
                    } catch { failure = error }
                }
            }
            if let failure { throw failure }
            try context.output.flush()
        }

        private static func record(_ entry: Entry) -> String {
            [
                String(entry.seq), entry.time.text, entry.actor.name, entry.via.program, entry.via.user,
                entry.via.host,
                entry.action.rawValue, entry.object.kind.rawValue, entry.object.name,
                EntryView(entry: entry).summary,
                entry.reason ?? "",
            ].map(SafeText.csvField).joined(separator: ",")
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept",
            abstract: "Take a vault that went back in time for the true one, from here on. Is an entry.",
            discussion: "Only when you know why: you restored a backup yourself.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            if let agent = try secrets.agent(context) {
                try context.perform(AcceptLedger(), agent)
            } else {
                try context.unlocking(secrets) { unlock throws(VaultError) in
                    try Vault.accept(context.path, context.surroundings(), unlock: unlock!)
                }
            }
            try context.receipt("the vault is accepted as it is; that is in its ledger", [:])
        }
    }
}
