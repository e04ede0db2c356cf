import VaultCore
import VaultMemory

/// A credential for a new slot: a passphrase, or a key file that is created if it does not exist.
struct NewCredential {
    let credential: Credential
    var newFiles = NewFiles()
    /// The key file that was created, or nil if it existed.
    var madeFile: String? { newFiles.paths.first }

    static func keyFile(_ path: String) throws -> NewCredential {
        let made = try KeyFile.contentsOrNew(at: path)
        return NewCredential(
            credential: .keyFile(made.key), newFiles: NewFiles(paths: made.isNew ? [path] : [], key: made))
    }

    /// - Throws: A usage failure if the passphrase is empty.
    static func passphrase(_ given: SharedSecret) throws -> NewCredential {
        guard given.bytes.count > 0 else {
            throw Failure(.usage, "the passphrase can't be empty", next: "enter one, or use a key file")
        }
        return NewCredential(credential: .passphrase(given))
    }
}

extension SecretRequest {
    /// A request for a new passphrase; a prompt asks twice.
    static func newPassphrase(
        from text: String, option: String, of member: String? = nil
    ) throws -> SecretRequest {
        SecretRequest(
            name: CommandSecrets.newPassphrase, source: try SecretSource(text, option: option),
            label: "New passphrase" + (member.map { " of \($0)" } ?? ""), confirms: true)
    }
}

extension CommandSecrets {
    static let newPassphrase = "the new passphrase"

    /// Reads the passphrase of `SecretRequest.newPassphrase`.
    func newCredential() throws -> NewCredential { try .passphrase(try read(Self.newPassphrase)) }

    /// The credential of a new member, which the flags and variables name for existing ones, or a prompt.
    func firstCredential(of name: String, _ context: Context) throws -> NewCredential {
        switch method {
        case .keyFile(let path): return try .keyFile(path)
        case .passphrase: return try .passphrase(try passphrase())
        case .recovery:
            throw Failure(
                .usage, "there is no recovery code yet", next: "use --key-file or --passphrase-from")
        case .ask:
            let terminal = try Terminal(for: "a passphrase", noInput: context.options.noInput)
            let typed = try HiddenPrompt(label: "New passphrase of \(name)", confirms: true).ask(on: terminal)
            return try .passphrase(SharedSecret(typed))
        }
    }
}
