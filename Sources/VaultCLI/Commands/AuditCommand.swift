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
        @OptionGroup var wanted: WantedEntries
        @Option(help: "At most so many.") var limit: Int?
        @Option(help: "A line for each member instead: what they did, how often, when first and last.")
        var by: Grouping?

        enum Grouping: String, ExpressibleByArgument, CaseIterable { case actor }

        func run() throws {
            let context = Context(options)
            var filter = try wanted.filter(context)
            if let limit, limit < 1 {
                throw Failure(.usage, "--limit must be at least 1", next: "leave it out for all")
            }
            filter.limit = limit
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
