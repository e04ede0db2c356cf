import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultText

/// `vault init`: creates a vault and its first member.
struct InitCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create a vault, with you as its first admin.",
        discussion: """
            With --key-file, a file unlocks the vault (created with mode 0600 if it does not exist). Otherwise you choose a \
            passphrase.
            """)

    static let examples = [
        "vault init",
        "vault init --member ana --key-file ~/.ssh/vault.key --recovery-to recovery-code.txt",
    ]

    @OptionGroup(title: "Global options") var options: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Write the recovery code to this file (mode 0600) instead of the terminal.", valueName: "path"))
    var recoveryTo: String?

    @Flag(help: "Create no recovery code: without the passphrase or key file, the vault is then lost.")
    var noRecovery = false

    func run(_ context: Context) throws {
        guard !(noRecovery && recoveryTo != nil) else {
            throw Failure(
                .usage, "--recovery-to and --no-recovery can't be combined", next: "use one of them")
        }
        try Vault.checkIsFree(context.path)
        let name = context.memberName ?? Machine.user
        let secrets = try CommandSecrets(context, confirms: true)
        let recovery = try NewRecoveryCode(context, wanted: !noRecovery, path: recoveryTo)
        let first = try secrets.firstCredential(of: name, context)
        let founding = Founding(member: name, credentials: [first.credential] + recovery.credentials)
        var files = first.newFiles
        try recovery.handOver(&files)
        let made = try context.change(with: files) {
            try Vault.create(context.path, founding, context.surroundings()).vault
        }
        try report(context, made, name, first.madeFile)
    }

    private func report(_ context: Context, _ vault: Vault, _ name: String, _ keyFile: String?) throws {
        if !SecretMemory.isLocked {
            ErrorReport.warn(
                "can't lock memory, so secrets may be swapped to disk; raise 'ulimit -l'")
        }
        try context.write([
            "key_file": keyFile.map(JSON.string) ?? .null, "member": .string(name),
            "path": .string(vault.path), "schema": 1, "vault": .string(Hex.encode(vault.id)),
        ]) { output in
            if let keyFile {
                try output.line(
                    "created key file \(SafeText.escaped(keyFile)); it unlocks the vault as \(name), keep it private"
                )
            }
            try output.line("created vault \(SafeText.escaped(vault.path)); \(name) is its admin")
            try output.line("next: vault connection create celonis")
        }
    }
}
