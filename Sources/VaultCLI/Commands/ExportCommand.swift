import ArgumentParser
import VaultCore
import VaultRegistry

/// `vault export`: settings for other tools; never a secret.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export settings, without secrets.", subcommands: [Connections.self])

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
}
