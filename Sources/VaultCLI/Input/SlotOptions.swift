import ArgumentParser
import VaultCore
import VaultLedger

/// The source or the destination of a new slot's credential.
struct SlotOptions: ParsableArguments {
    @Option(help: .init("The new key file; created if it does not exist.", valueName: "path"))
    var path: String?

    @Option(
        help: .init("Read the new passphrase from prompt, stdin, file:PATH or fd:N.", valueName: "source"))
    var from = "prompt"

    @Option(
        help: .init(
            "Write the new recovery code to this file (mode 0600) instead of the terminal.", valueName: "path"
        ))
    var to: String?

    /// The secrets to read for a slot of this kind.
    func requests(_ kind: SlotCommand.Kind, _ verb: String) throws -> [SecretRequest] {
        if kind == .passphrase { return [try .newPassphrase(from: from, option: "--from")] }
        try require(
            kind == .recovery || path != nil, "key-file needs --path",
            next: "vault slot \(verb) key-file --path PATH")
        return []
    }

    /// Makes the credential, and then the slot. A recovery code is handed over before its slot exists.
    func make(
        _ kind: SlotCommand.Kind, _ secrets: CommandSecrets, _ context: Context,
        _ store: (Credential) throws -> Identifier
    ) throws -> Identifier {
        switch kind {
        case .passphrase:
            return try store(secrets.newCredential().credential)
        case .keyFile:
            let made = try NewCredential.keyFile(path ?? "")
            return try context.change(with: made.newFiles) { try store(made.credential) }
        case .recovery: return try NewRecoveryCode.replaced(to: to, context, store)
        }
    }
}
