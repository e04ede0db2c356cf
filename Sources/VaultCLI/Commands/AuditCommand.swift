import ArgumentParser
import VaultCore

/// `vault audit`: reads and verifies the ledger.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read and verify the signed ledger of all changes and uses.",
        subcommands: [
            Log.self, Show.self, Verify.self, CheckpointCommand.self, Cosign.self, Prove.self,
            VerifyProof.self, Export.self, Accept.self,
        ])

    struct Log: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "List entries, newest first. Needs no key.")
        static let examples = [
            "vault audit log --connection 'Celonis prod' --since 7d",
            "vault audit log --by actor",
            "vault audit log --json | head -1",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @OptionGroup var wanted: EntryFilterOptions
        @Option(help: "Print at most this many entries.") var limit: Int?
        @Option(help: "Print one line per member instead: actions, counts, first and last time.")
        var by: Grouping?

        enum Grouping: String, ExpressibleByArgument, CaseIterable { case actor }

        func run(_ context: Context) throws {
            var filter = try wanted.filter(context)
            try require((limit ?? 1) >= 1, "--limit must be at least 1", next: "omit it for all entries")
            filter.limit = limit
            let vault = try context.open()
            if by == .actor {
                return try context.write(
                    vault.perform(ListActivity(filter)), MemberActivity.headers, json: \.json, cells: \.cells)
            }
            var rows: [[String]] = []
            try ListEntries(filter).forEach(in: vault) { line in
                let view = EntryView(entry: line.entry, isBack: line.isBackInTime)
                if context.json { try context.output.result(view.json) } else { rows.append(view.cells) }
            }
            if !context.json { try context.output.table(Table(EntryView.headers, rows)) }
            try context.output.flush()
        }
    }

    struct Show: Command {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show an entry, after verifying that it is in the ledger's tree.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The number of the entry.") var seq: UInt64

        func run(_ context: Context) throws {
            let view = EntryView(entry: try context.open().perform(ShowEntry(seq)))
            try context.write(view.json, text: view.writeFacts)
        }
    }

    struct Accept: Command {
        static let configuration = CommandConfiguration(
            commandName: "accept",
            abstract: "Accept a vault that went back in time. Recorded in the ledger.",
            discussion: "Use it only if you know why, for example because you restored an old copy yourself.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            let secrets = try CommandSecrets(context)
            if let agent = try secrets.agent(context) {
                try context.perform(AcceptLedger(), agent)
            } else {
                let vault = try Vault.openIgnoringAnchor(context.path, context.surroundings())
                let session = try secrets.unlock(vault, context)
                // From here on with the anchors, which the operation replaces.
                vault.surroundings = context.surroundings()
                try context.perform(AcceptLedger(), Unlocked(vault, as: session))
            }
            try context.receipt("accepted; recorded in the ledger", [:])
        }
    }
}
