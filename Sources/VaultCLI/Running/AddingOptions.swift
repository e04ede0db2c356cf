import ArgumentParser

/// The flags of `member add`. There `--key-file` and `--passphrase-from` speak of the new member; the admin unlocks by
/// the variables, by a prompt, or by flags that say whose they are.
struct AddingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Add who made this request (vault member request).", valueName: "file"))
    var request: String?

    @Option(
        help: ArgumentHelp("The new member's key file; made if it is not there.", valueName: "path"))
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "The new member's first passphrase, which they must replace when they first unlock.",
            valueName: "source"))
    var passphraseFrom: String?

    @Option(help: ArgumentHelp("Unlock yourself with this key file (or VAULT_KEY_FILE).", valueName: "path"))
    var adminKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Unlock yourself with a passphrase from here (or a path in VAULT_PASSPHRASE_FILE).",
            valueName: "source"))
    var adminPassphraseFrom: String?

    @Option(
        help: ArgumentHelp("Unlock with the recovery code from here, in an emergency.", valueName: "source"))
    var recoveryFrom: String?

    @Option(help: ArgumentHelp("The vault's file (or VAULT_FILE).", valueName: "path"))
    var vault: String?

    @Option(help: ArgumentHelp("The member who is asking (or VAULT_MEMBER).", valueName: "name"))
    var member: String?

    @Flag(help: "Machine output: one JSON value, or one a line.")
    var json = false

    @Flag(help: "Never ask; fail instead.")
    var noInput = false

    @Option(help: ArgumentHelp("Why, for the ledger (or VAULT_REASON).", valueName: "text"))
    var reason: String?

    /// The same for whoever is asking.
    var global: GlobalOptions {
        var options = GlobalOptions()
        options.vault = vault
        options.member = member
        options.keyFile = adminKeyFile
        options.passphraseFrom = adminPassphraseFrom
        options.recoveryFrom = recoveryFrom
        options.json = json
        options.noInput = noInput
        options.reason = reason
        return options
    }
}
