import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory

/// `vault init`: makes a vault and its first member.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a vault, with yourself as its first admin.",
        discussion: """
            With --key-file the vault is unlocked by a file (made here, mode 0600, if it is not there); otherwise by a
            passphrase, which is asked for twice.
            """)

    @OptionGroup var options: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Write the recovery code here (0600) instead of to the terminal.", valueName: "path"))
    var recoveryTo: String?

    @Flag(help: "Make no recovery code: a lost passphrase or key file then loses the vault.")
    var noRecovery = false

    func run() throws {
        let context = Context(options)
        guard !(noRecovery && recoveryTo != nil) else {
            throw Failure(
                .usage, "--recovery-to and --no-recovery exclude each other", next: "give one of them")
        }
        try context.failing { () throws(VaultError) in try Vault.checkIsFree(context.path) }
        let name = context.memberName ?? Machine.user
        let secrets = try SecretsIn(context, confirms: true)
        let recovery = try Recovery(context, wanted: !noRecovery, path: recoveryTo)
        let first = try secrets.firstCredential(of: name, context)
        let founding = Founding(member: name, credentials: [first.credential] + recovery.credentials)
        var files = first.newFiles
        do {
            // Before the vault is made: one whose recovery code was never shown has none.
            try recovery.handOver(&files)
        } catch {
            files.remove()
            throw error
        }
        let made = try context.change(with: files) { () throws(VaultError) in
            try Vault.create(context.path, founding, context.surroundings()).vault
        }
        try report(context, made, name, first.madeFile)
    }

    private func report(_ context: Context, _ vault: Vault, _ name: String, _ keyFile: String?) throws {
        if !SecretMemory.isLocked {
            ErrorReport.warn(
                "memory cannot be locked here, so secrets may be swapped to disk; raise 'ulimit -l'")
        }
        if context.json {
            try context.output.json([
                "key_file": keyFile.map(JSON.string) ?? .null, "member": .string(name),
                "path": .string(vault.path),
                "schema": 1, "vault": .string(Identifiers.hex(vault.id)),
            ])
        } else {
            if let keyFile {
                try context.output.line(
                    "key file \(SafeText.escaped(keyFile)) made: whoever has it is \(name)")
            }
            try context.output.line("vault \(SafeText.escaped(vault.path)) made; \(name) is its admin")
            try context.output.line("next: vault connection create celonis")
        }
        try context.output.flush()
    }
}
