import ArgumentParser
import VaultCore
import VaultLedger

/// Where what a new slot is made of comes from, or goes to.
struct SlotFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The new key file; made if it is not there.", valueName: "path"))
    var path: String?

    @Option(help: ArgumentHelp("Where the new passphrase comes from.", valueName: "source"))
    var from = "prompt"

    @Option(
        help: ArgumentHelp(
            "Write the new recovery code here (0600) instead of to the terminal.", valueName: "path"))
    var to: String?

    /// What has to be read for a slot of this kind; a key file without a path is a mistake.
    func requests(_ kind: SlotCommand.Kind, _ verb: String) throws(Failure) -> [SecretRequest] {
        if kind == .passphrase { return [try .newPassphrase(from: from, option: "--from")] }
        guard kind == .recovery || path != nil else {
            throw Failure(.usage, "which file?", next: "vault slot \(verb) key-file --path PATH")
        }
        return []
    }

    /// Makes the credential and then the slot. A recovery code is handed over before the slot is made, since one that
    /// nobody has is no way back.
    func make(
        _ kind: SlotCommand.Kind, _ secrets: SecretsIn, _ context: Context,
        _ store: (Credential) throws(VaultError) -> Identifier
    ) throws -> Identifier {
        switch kind {
        case .passphrase:
            let made = try secrets.newCredential()
            return try context.failing { () throws(VaultError) in try store(made.credential) }
        case .keyFile:
            let made = try NewCredential.keyFile(path ?? "", context)
            return try context.change(with: made.newFiles) { () throws(VaultError) in
                try store(made.credential)
            }
        case .recovery: return try Recovery.replaced(to: to, context, store)
        }
    }
}
