import ArgumentParser
import VaultCore
import VaultLedger

/// `vault import`: connections from elsewhere, with their secrets.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Register connections from elsewhere.", subcommands: [FromVault.self]
    )

    struct FromVault: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "vault",
            abstract:
                "Import a bundle that another vault made for you, secrets included; all of it or nothing.",
            discussion: """
                Settings are checked by this vault's connectors, and secrets are sealed anew. Compare the exporter's key with \
                what they say, or name it with --signed-by.
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The bundle; '-' for stdin.") var file: String
        @Option(
            help: ArgumentHelp(
                "Only a bundle that this public key has signed: the exporter's sign_key.", valueName: "key"))
        var signedBy: String?
        @Flag(help: "Check everything, and change nothing.") var dryRun = false

        /// A hundred thousand connections have some 80 megabytes.
        private static let limit = 1 << 29

        func run() throws {
            let context = Context(options)
            let text = try TextFile.contents(of: file, limit: Self.limit)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let report = try context.perform(
                ImportBundle(text, signedBy: signedBy, dryRun: dryRun), access)
            let verb = dryRun ? "would be imported" : "imported"
            try context.receipt(
                "\(report.owners.count) \(verb) from vault \(report.vault), exported by \(report.exporter) "
                    + "with the key \(report.exporterKey)",
                [
                    "done": .bool(!dryRun), "dry_run": .bool(dryRun), "exporter": .string(report.exporter),
                    "exporter_key": .string(report.exporterKey), "from": .string(report.vault),
                    "imported": .array(
                        report.owners.map { ["kind": .string($0.kind.rawValue), "name": .string($0.name)] }),
                ])
        }
    }
}
