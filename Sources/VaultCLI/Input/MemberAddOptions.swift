import ArgumentParser

/// The options of `member add`: the new member's credential.
struct NewMemberOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Add the member who made this request (vault member request).", valueName: "file"))
    var request: String?

    @Option(help: ArgumentHelp("The new member's key file; created if it does not exist.", valueName: "path"))
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "The new member's first passphrase, which they must replace when they first unlock.",
            valueName: "source"))
    var passphraseFrom: String?
}

/// The global options of `member add`. There `--key-file` and `--passphrase-from` are the new member's; the admin
/// unlocks with variables, a prompt, or the `--admin` options.
struct MemberAddOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Use this vault file (or VAULT_FILE).", valueName: "path"))
    var vault: String?

    @Option(help: ArgumentHelp("Act as this member (or VAULT_MEMBER).", valueName: "name"))
    var member: String?

    @Option(help: ArgumentHelp("Unlock with your key file (or VAULT_KEY_FILE).", valueName: "path"))
    var adminKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Unlock with your passphrase from this source (or the file in VAULT_PASSPHRASE_FILE).",
            valueName: "source"))
    var adminPassphraseFrom: String?

    @Option(help: ArgumentHelp("Unlock with the recovery code from this source.", valueName: "source"))
    var recoveryFrom: String?

    @Flag(help: "Print JSON: one value, or one per line for lists.")
    var json = false

    @Flag(help: "Never prompt; fail instead.")
    var noInput = false

    @Option(help: ArgumentHelp("Record this reason in the ledger (or VAULT_REASON).", valueName: "text"))
    var reason: String?

    /// The options as every other command has them.
    var global: GlobalOptions.Values {
        GlobalOptions.Values(
            vault: vault, member: member, keyFile: adminKeyFile, passphraseFrom: adminPassphraseFrom,
            recoveryFrom: recoveryFrom, json: json, noInput: noInput, reason: reason)
    }
}
