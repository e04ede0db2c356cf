// The folder's rule: parse, then gather input, then one plain operation of VaultCore. What all commands share of the
// first two stands here; a command's own file holds the rest.

import ArgumentParser

/// Where the vault is, and who is asking: the flags of every command.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The vault's file (or VAULT_FILE).", valueName: "path"))
    var vault: String?

    @Option(help: ArgumentHelp("The member who is asking (or VAULT_MEMBER).", valueName: "name"))
    var member: String?

    @Option(help: ArgumentHelp("Unlock with this key file (or VAULT_KEY_FILE).", valueName: "path"))
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "Unlock with a passphrase from here: prompt, stdin, file:PATH, fd:N (or a path in VAULT_PASSPHRASE_FILE).",
            valueName: "source"))
    var passphraseFrom: String?

    @Option(
        help: ArgumentHelp("Unlock with the recovery code from here, in an emergency.", valueName: "source"))
    var recoveryFrom: String?

    @Flag(help: "Machine output: one JSON value, or one a line.")
    var json = false

    @Flag(help: "Never ask; fail instead.")
    var noInput = false

    @Option(help: ArgumentHelp("Why, for the ledger (or VAULT_REASON).", valueName: "text"))
    var reason: String?
}

extension GlobalOptions {
    /// What was given, without the wrappers that the parser needs.
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
