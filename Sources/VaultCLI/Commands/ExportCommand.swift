import ArgumentParser
import VaultCore
import VaultRegistry

/// `vault export`: exports settings, or bundles for other vaults; never a readable secret.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export settings, or a sealed bundle for another vault.",
        subcommands: [Connections.self, BundleCommand.self])

    struct Connections: Command, ExampleProviding {
        enum Format: String, ExpressibleByArgument, CaseIterable { case json, csv }

        static let configuration = CommandConfiguration(
            commandName: "connections", abstract: "Export the settings of all connections. Needs no key.")
        static let examples = ["vault export connections --format csv > connections.csv"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Option(help: "The format: json (one object per line) or csv (one row per setting).")
        var format: Format = .json

        func run(_ context: Context) throws {
            let vault = try context.open()
            if format == .csv { try context.output.line("connection,connector,key,value") }
            try ListOwners(.connection).forEach(in: vault) { try write($0, context.output) }
            try context.output.flush()
        }

        private func write(_ owner: Owner, _ output: Output) throws {
            guard format == .csv else { return try output.result(owner.json()) }
            for (key, value) in owner.settings.sorted(by: { $0.key < $1.key }) {
                let record = [owner.name, owner.connector, key, value.values.joined(separator: " ")]
                try output.line(record.map(SafeText.csvField).joined(separator: ","))
            }
        }
    }

    struct BundleCommand: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "bundle",
            abstract:
                "Export connections and their secrets, sealed to a member of another vault. For admins.",
            discussion: """
                The key is the member's receive_key in 'vault member list --json' of the other vault. The OAuth 2.0 clients \
                that the connections use are included. The ledger records every exported connection.
                """)
        static let examples = ["vault export bundle 'Celonis prod' --to \"$RECEIVE_KEY\" > prod.bundle"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connections (default: all).") var names: [String] = []
        @Option(help: .init("The receiving key of the member who will import it.", valueName: "key"))
        var to: String

        func run(_ context: Context) throws {
            try context.write(document: context.perform(ExportBundle(of: names, to: to)), as: "bundle")
        }
    }
}
