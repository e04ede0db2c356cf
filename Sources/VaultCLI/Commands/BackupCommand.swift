import ArgumentParser
import VaultCore

/// `vault backup`: copies of the vault file.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Create, verify and restore backups. Secrets stay sealed.",
        subcommands: [Create.self, VerifyBackup.self, Restore.self])

    struct Create: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Write a verified backup, while the vault is in use. Needs no key.")
        static let examples = ["vault backup create \"vault-$(date +%F).db\""]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The new file. An existing file is never overwritten.") var file: String

        func run(_ context: Context) throws {
            let report = try context.open().perform(BackUp(to: file))
            context.output.isReceipt = true
            try report.write("backup created: \(file)", to: context)
        }
    }

    struct VerifyBackup: Command {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Verify a backup's ledger, and every row against it. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The backup file.") var file: String

        func run(_ context: Context) throws {
            let report = try readingBackup { try Vault.verifyBackup(file, context.surroundings()) }
            try report.write("backup verified: \(file)", to: context)
        }
    }

    struct Restore: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Verify a backup and restore it.",
            discussion: """
                An existing vault is replaced only with --replace. A backup older than the vault that you last saw is \
                refused, unless an admin accepts it with --accept, which its ledger records.
                """)
        static let examples = [
            "vault backup restore monday.db --vault ~/restored/vault.db",
            "vault backup restore monday.db --replace",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The backup file.") var file: String
        @Flag(help: "Replace the existing vault, if the backup is of the same one.") var replace = false
        @Flag(help: "Accept a backup that goes back in time, as an admin. Recorded in the ledger.")
        var accept = false

        func run(_ context: Context) throws {
            let secrets = try accept ? CommandSecrets(context) : nil
            // A failure to unlock crosses VaultCore as an internal error, so it is kept here.
            var failure: (any Error)?
            func unlock(_ vault: Vault, _ secrets: CommandSecrets) throws -> Session {
                do { return try secrets.unlock(vault, context) } catch {
                    failure = error
                    throw error
                }
            }
            let report: BackupReport
            do {
                report = try readingBackup {
                    try Vault.restore(
                        file, to: context.path, replacing: replace, context.surroundings(),
                        accepting: secrets.map { secrets in { try unlock($0, secrets) } })
                }
            } catch {
                throw failure ?? error
            }
            context.output.isReceipt = true
            try report.write("vault restored to \(context.path)", to: context)
        }
    }
}

/// Reads a backup. For a file that is not a vault, the next step is about the argument and not about `--vault`.
private func readingBackup(_ body: () throws -> BackupReport) throws -> BackupReport {
    do { return try body() } catch VaultError.file(.notAVault(let path)) {
        throw Failure.damaged("\(path) is not a vault").next("name a file made by: vault backup create")
    }
}
