import ArgumentParser
import VaultCore

/// `vault import`: imports connections and their secrets.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import connections and their secrets.",
        subcommands: [FromVault.self])

    struct FromVault: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "vault",
            abstract: "Import a bundle that another vault exported for you, all or nothing.",
            discussion: """
                Settings are validated by this vault's connectors, and secrets are sealed to this vault. Compare the \
                exporter's key with what they tell you, or require it with --signed-by.
                """)
        static let examples = [
            "vault import vault prod.bundle --dry-run",
            "vault import vault prod.bundle --signed-by \"$SIGN_KEY\"",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The bundle file, or '-' for stdin.") var file: String
        @Option(
            help: .init("Require a signature by this public key, the exporter's sign_key.", valueName: "key"))
        var signedBy: String?
        @Flag(help: "Check everything, but change nothing.") var dryRun = false

        /// The largest bundle in bytes. A hundred thousand connections take about 80 MB.
        private static let limit = 1 << 29

        func run(_ context: Context) throws {
            let text = try TextFile.contents(of: file, limit: Self.limit)
            let report = try context.perform(ImportBundle(text, signedBy: signedBy, dryRun: dryRun))
            let count = countedOwners(report.owners.count)
            try context.receipt(
                "\(dryRun ? "would import" : "imported") \(count) from vault \(report.vault), exported by "
                    + "\(report.exporter) with the key \(report.exporterKey)",
                [
                    "done": !dryRun, "dry_run": dryRun, "exporter": report.exporter,
                    "exporter_key": report.exporterKey, "from": report.vault,
                    "imported": report.owners.map { ["kind": $0.kind, "name": $0.name] as JSONObject },
                ])
        }
    }
}
