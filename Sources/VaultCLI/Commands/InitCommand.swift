import ArgumentParser
import VaultCore
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
        help: .init(
            "Write the recovery code to this file (mode 0600) instead of the terminal.", valueName: "path"))
    var recoveryTo: String?

    @Flag(help: "Create no recovery code: without the passphrase or key file, the vault is then lost.")
    var noRecovery = false

    func run(_ context: Context) throws {
        try require(
            !noRecovery || recoveryTo == nil, "--recovery-to and --no-recovery can't be combined",
            next: "use one of them")
        try Vault.checkIsFree(context.path)
        let name = context.memberName ?? Machine.user
        let secrets = try CommandSecrets(context, confirms: true)
        let recovery = try NewRecoveryCode(context, wanted: !noRecovery, path: recoveryTo)
        let first = try secrets.firstCredential(of: name, context)
        let credentials = [first.credential] + recovery.credentials
        var files = first.newFiles
        try recovery.handOver(&files)
        let vault = try context.change(with: files) {
            try Vault.create(context.path, by: name, credentials: credentials, context.surroundings()).vault
        }
        if !SecretMemory.isLocked {
            ErrorReport.warn("can't lock memory, so secrets may be swapped to disk; raise 'ulimit -l'")
        }
        let lines = [
            first.madeFile.map { "created key file \($0); it unlocks the vault as \(name), keep it private" },
            "created vault \(vault.path); \(name) is its admin",
            "next: vault connection create celonis",
        ]
        try context.write(
            [
                "key_file": first.madeFile.orNull, "member": name, "path": vault.path,
                "vault": Hex.encode(vault.id),
            ], lines: lines.compactMap(\.self))
    }
}
