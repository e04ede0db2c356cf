import ArgumentParser

/// The options of every command.
typealias GlobalOptions = OptionsToUnlock<Caller>

/// The options of every command, with the names of the credential options of the member who unlocks.
struct OptionsToUnlock<Unlocker: OptionNames>: ParsableArguments {
    @Option(help: .init("Use this vault file (or VAULT_FILE).", valueName: "path"))
    var vault: String?

    @Option(help: .init("Act as this member (or VAULT_MEMBER).", valueName: "name"))
    var member: String?

    @Option(
        name: .customLong(Unlocker.prefix + "key-file"),
        help: .init("Unlock with \(Unlocker.keyFile) (or VAULT_KEY_FILE).", valueName: "path"))
    var keyFile: String?

    @Option(
        name: .customLong(Unlocker.prefix + "passphrase-from"),
        help: .init(
            "Unlock with \(Unlocker.passphrase) (or the file in VAULT_PASSPHRASE_FILE).",
            valueName: "source"))
    var passphraseFrom: String?

    @Option(help: .init("Unlock with the recovery code from this source.", valueName: "source"))
    var recoveryFrom: String?

    @Flag(help: "Print JSON: one value, or one per line for lists.")
    var json = false

    @Flag(help: "Never prompt; fail instead.")
    var noInput = false

    @Option(help: .init("Record this reason in the ledger (or VAULT_REASON).", valueName: "text"))
    var reason: String?

    var values: GlobalValues {
        GlobalValues(
            vault: vault, member: member, keyFile: keyFile, passphraseFrom: passphraseFrom,
            recoveryFrom: recoveryFrom, json: json, noInput: noInput, reason: reason)
    }
}

/// The names and descriptions of the options for a credential.
protocol OptionNames: Sendable {
    static var prefix: String { get }
    static var keyFile: String { get }
    static var passphrase: String { get }
}

/// The member who runs a command.
enum Caller: OptionNames {
    static let prefix = ""
    static let keyFile = "this key file"
    static let passphrase = "the passphrase from prompt, stdin, file:PATH or fd:N"
}

/// The admin who runs `member add`, where `--key-file` and `--passphrase-from` are the new member's.
enum Admin: OptionNames {
    static let prefix = "admin-"
    static let keyFile = "your key file"
    static let passphrase = "your passphrase from this source"
}

/// The values of the global options, without the parser's property wrappers, which use slow reflection.
struct GlobalValues: Equatable {
    var vault: String?
    var member: String?
    var keyFile: String?
    var passphraseFrom: String?
    var recoveryFrom: String?
    var json = false
    var noInput = false
    var reason: String?
}
