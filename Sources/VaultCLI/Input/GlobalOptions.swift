import ArgumentParser

/// The options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Use this vault file (or VAULT_FILE).", valueName: "path"))
    var vault: String?

    @Option(help: ArgumentHelp("Act as this member (or VAULT_MEMBER).", valueName: "name"))
    var member: String?

    @Option(help: ArgumentHelp("Unlock with this key file (or VAULT_KEY_FILE).", valueName: "path"))
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "Unlock with the passphrase from prompt, stdin, file:PATH or fd:N (or the file in VAULT_PASSPHRASE_FILE).",
            valueName: "source"))
    var passphraseFrom: String?

    @Option(help: ArgumentHelp("Unlock with the recovery code from this source.", valueName: "source"))
    var recoveryFrom: String?

    @Flag(help: "Print JSON: one value, or one per line for lists.")
    var json = false

    @Flag(help: "Never prompt; fail instead.")
    var noInput = false

    @Option(help: ArgumentHelp("Record this reason in the ledger (or VAULT_REASON).", valueName: "text"))
    var reason: String?
}

extension GlobalOptions {
    /// The values without the parser's property wrappers, whose reflection is slow.
    struct Values: Equatable {
        var vault: String?
        var member: String?
        var keyFile: String?
        var passphraseFrom: String?
        var recoveryFrom: String?
        var json = false
        var noInput = false
        var reason: String?
    }

    var values: Values {
        Values(
            vault: vault, member: member, keyFile: keyFile, passphraseFrom: passphraseFrom,
            recoveryFrom: recoveryFrom, json: json, noInput: noInput, reason: reason)
    }
}
