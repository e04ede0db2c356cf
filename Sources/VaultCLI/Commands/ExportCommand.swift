import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault export`: settings for other tools, and bundles for other vaults; never a secret that can be read.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export settings, or a sealed bundle for another vault.",
        subcommands: [Connections.self, BundleCommand.self])

    struct Connections: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case json, csv }

        static let configuration = CommandConfiguration(
            commandName: "connections", abstract: "Export the settings of every connection. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Option(help: "json (an object a line) or csv (a row for each setting).") var format: Format = .json

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            if format == .csv { try context.output.line("connection,connector,key,value") }
            var failure: OutputError?
            try context.failing { () throws(VaultError) in
                try vault.list(.connection, OwnerFilter()) { owner in
                    guard failure == nil else { return }
                    do throws(OutputError) { try write(owner, context.output) } catch { failure = error }
                }
            }
            if let failure { throw failure }
            try context.output.flush()
        }

        private func write(_ owner: Owner, _ output: Output) throws(OutputError) {
            guard format == .csv else { return try output.json(OwnerView(owner: owner).json) }
            for (key, value) in owner.settings.sorted(by: { $0.key < $1.key }) {
                let record = [owner.name, owner.connector, key, value.values.joined(separator: " ")]
                try output.line(record.map(SafeText.csvField).joined(separator: ","))
            }
        }
    }

    struct BundleCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bundle",
            abstract:
                "Export connections with their secrets, sealed to one member of another vault. For admins.",
            discussion: """
                The other member's key is their receive_key in 'vault member list --json' of their vault. Clients that the \
                connections use go along. Each export is an entry here.
                    vault export bundle 'Celonis prod' --to 3b1f… > prod.bundle
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connections; all of them when none is named.") var names: [String] = []
        @Option(help: ArgumentHelp("The receiving key of the member who will import it.", valueName: "key"))
        var to: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let bundle = try context.perform(ExportBundle(of: names, to: to), access)
            if context.json {
                try context.output.json(["bundle": .string(bundle), "schema": 1])
            } else {
                try context.output.write(bundle)
            }
            try context.output.flush()
        }
    }
}
