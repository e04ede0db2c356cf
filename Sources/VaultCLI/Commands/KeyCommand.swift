import ArgumentParser
import VaultCore
import VaultLedger

/// `vault key`: manages the master key.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show and rotate the master key, under which all secrets are sealed.",
        subcommands: [Status.self, Rotate.self])

    struct Status: Command {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show the current epoch, and the number of secrets under each. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            let vault = try context.open()
            let status = try vault.perform(ShowKeyStatus())
            try context.write([
                "epoch": .integer(Int64(status.epoch)), "members": .array(status.members.map { .string($0) }),
                "retiring": status.retiring.map { .integer(Int64($0)) } ?? .null, "schema": 1,
                "secrets": .array(
                    status.secrets.map {
                        ["count": .integer(Int64($0.count)), "epoch": .integer(Int64($0.epoch))]
                    }),
            ]) { output in
                try output.line(
                    "master key  epoch \(status.epoch), granted to \(status.members.joined(separator: ", "))")
                for row in status.secrets {
                    try output.line("epoch \(row.epoch)     \(counted(row.count, "secret"))")
                }
                if let old = status.retiring {
                    try output.line(
                        "a rotation from epoch \(old) is in progress or was interrupted: vault key rotate --resume"
                    )
                }
            }
        }
    }

    struct Rotate: Command {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Replace the master key, and reseal every secret under the new one.",
            discussion: "The vault stays usable. An interrupted rotation resumes with the next run.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Flag(help: "Only resume an interrupted rotation.") var resume = false

        func run(_ context: Context) throws {
            let receipt = try context.perform(RotateMasterKey(resumeOnly: resume))
            try context.receipt(
                "master key rotated: epoch \(receipt.from) → \(receipt.to), \(counted(receipt.resealed, "secret")) resealed",
                [
                    "from": .integer(Int64(receipt.from)), "secrets": .integer(Int64(receipt.resealed)),
                    "to": .integer(Int64(receipt.to)),
                ])
        }
    }
}
