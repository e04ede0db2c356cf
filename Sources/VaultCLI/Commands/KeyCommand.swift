import ArgumentParser
import VaultCore
import VaultLedger

/// `vault key`: the master key under all secrets.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The master key that secrets are sealed under.",
        subcommands: [Status.self, Rotate.self])

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "The present epoch, and how many secrets stand under each. Needs no key.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let status = try context.failing { () throws(VaultError) in try vault.keyStatus() }
            if context.json {
                try context.output.json([
                    "epoch": .integer(Int64(status.epoch)),
                    "members": .array(status.members.map { .string($0) }),
                    "retiring": status.retiring.map { .integer(Int64($0)) } ?? .null, "schema": 1,
                    "secrets": .array(
                        status.secrets.map {
                            ["count": .integer(Int64($0.count)), "epoch": .integer(Int64($0.epoch))]
                        }),
                ])
            } else {
                try context.output.line(
                    "master key  epoch \(status.epoch), granted to \(status.members.joined(separator: ", "))")
                for row in status.secrets {
                    try context.output.line("epoch \(row.epoch)     \(row.count) secrets")
                }
                if let old = status.retiring {
                    try context.output.line(
                        "a rotation from epoch \(old) goes on, or had stopped: vault key rotate --resume")
                }
            }
            try context.output.flush()
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Replace the master key, and seal every secret under the new one.",
            discussion: "Others can work meanwhile. If it is stopped, the next run goes on where it was.")
        @OptionGroup var options: GlobalOptions
        @Flag(help: "Only go on with a rotation that had stopped.") var resume = false

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let receipt = try context.perform(RotateMasterKey(resumeOnly: resume), access)
            try context.receipt(
                "master key rotated: epoch \(receipt.from) → \(receipt.to), \(receipt.resealed) secrets under the new one",
                [
                    "from": .integer(Int64(receipt.from)), "secrets": .integer(Int64(receipt.resealed)),
                    "to": .integer(Int64(receipt.to)),
                ])
        }
    }
}
