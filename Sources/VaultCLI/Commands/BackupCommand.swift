import ArgumentParser
import VaultCore
import VaultLedger

/// `vault backup`: copies of the vault, sealed as it is.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies of the vault: sealed as it is, verified before they are done.",
        subcommands: [Create.self, VerifyBackup.self, Restore.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Write a backup to a new file, while others work. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The file; one that is there is never written over.") var file: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let report = try context.failing { () throws(VaultError) in try vault.backUp(to: file) }
            context.output.isReceipt = true
            try BackupView(report: report).write("backup made: \(file)", to: context)
        }
    }

    struct VerifyBackup: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check a backup: ledger, and every row against it. Needs no key."
        )
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The backup.") var file: String

        func run() throws {
            let context = Context(options)
            let report = try context.failing { () throws(VaultError) in
                try Vault.verifyBackup(file, context.surroundings())
            }
            try BackupView(report: report).write("backup verified: \(file)", to: context)
        }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Put a backup in the vault's place, after verifying it.",
            discussion: """
                A vault that is there is kept, unless --replace is given. A backup that is older than what you have seen is \
                refused, unless an admin accepts that it goes back in time (--accept), which is an entry in its ledger.
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The backup.") var file: String
        @Flag(help: "Replace the vault that is there, if it is the same one.") var replace = false
        @Flag(help: "Go back in time, as an admin who unlocks. Is an entry.") var accept = false

        func run() throws {
            let context = Context(options)
            let secrets = try accept ? SecretsIn(context) : nil
            let report = try context.unlocking(secrets) { unlock throws(VaultError) in
                try Vault.restore(
                    file, to: context.path, replacing: replace, context.surroundings(), accepting: unlock)
            }
            context.output.isReceipt = true
            try BackupView(report: report).write("vault restored to \(context.path)", to: context)
        }
    }
}
