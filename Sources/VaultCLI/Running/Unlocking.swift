import VaultCore
import VaultLedger
import VaultMemory

/// The secrets that one command takes in, the passphrase among them: all sources are checked before anything is read.
struct SecretsIn {
    private static let passphrase = "the passphrase"
    private let reader: SourceReader
    private let hasPassphrase: Bool

    /// `secrets` are the command's own; how to unlock is added from the flags and variables.
    init(_ context: Context, _ secrets: [SecretRequest] = [], keepsNewline: Bool = false) throws(Failure) {
        var requests = secrets
        let source = try context.passphraseSource()
        if let source {
            requests.append(SecretRequest(name: Self.passphrase, source: source, label: "Passphrase"))
        }
        hasPassphrase = source != nil
        reader = try SourceReader(requests, keepsNewline: keepsNewline, noInput: context.options.noInput)
    }

    func read(_ name: String) throws(Failure) -> SharedSecret { SharedSecret(try reader.read(name)) }

    /// The passphrase, for a command that makes a new slot of it.
    func passphrase() throws(Failure) -> SharedSecret { try read(Self.passphrase) }

    /// Unlocks the member who is asking: with the key file or passphrase source that was named, else by a prompt.
    func unlock(_ vault: Vault, _ context: Context) throws(Failure) -> Session {
        let member = try context.failing { () throws(VaultError) in
            try vault.member(named: context.memberName)
        }
        let credential = try credential(for: member, context)
        return try context.failing { () throws(VaultError) in try vault.unlock(member, with: credential) }
    }

    private func credential(for member: LedgerState.Member, _ context: Context) throws(Failure) -> Credential
    {
        if let path = context.keyFile {
            return .keyFile(try context.failing { () throws(VaultError) in try KeyFile.contents(of: path) })
        }
        if hasPassphrase { return .passphrase(try read(Self.passphrase)) }
        do throws(TerminalError) {
            let terminal = try Terminal(for: Self.passphrase, noInput: context.options.noInput)
            return .passphrase(
                SharedSecret(try HiddenPrompt(label: "Passphrase of \(member.name)").ask(on: terminal)))
        } catch {
            guard case .noTerminal = error else { throw error.failure }
            throw Failure(
                .locked, "the vault is locked, and there is no terminal to ask for a passphrase",
                next: "give --key-file PATH (or VAULT_KEY_FILE), or --passphrase-from SOURCE")
        }
    }
}

extension Context {
    /// Where the passphrase is to come from, nil for a key file or a prompt when it comes to it.
    func passphraseSource() throws(Failure) -> SecretSource? {
        if let text = options.passphraseFrom {
            guard options.keyFile == nil else {
                throw Failure(
                    .usage, "--key-file and --passphrase-from are two ways to unlock",
                    next: "give one of them")
            }
            do throws(SecretSource.Misfit) {
                return try SecretSource(parsing: text)
            } catch {
                let problem = error.problem(option: "--passphrase-from", example: "--passphrase-from ")
                throw Failure(.usage, problems: [problem])
            }
        }
        guard keyFile == nil else { return nil }
        return Self.setting(nil, "VAULT_PASSPHRASE_FILE").map(SecretSource.file)
    }
}
