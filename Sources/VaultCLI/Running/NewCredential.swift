import VaultCore
import VaultMemory

/// What somebody will unlock with from now on: a passphrase, or a key file that is made when it is not there.
struct NewCredential {
    let credential: Credential
    /// The key file that was made for it; nil where there was one already.
    var madeFile: String?
    private var made: KeyFile.New?

    static func keyFile(_ path: String, _ context: Context) throws(Failure) -> NewCredential {
        let made = try context.failing { () throws(VaultError) in try KeyFile.contentsOrNew(at: path) }
        return NewCredential(
            credential: .keyFile(made.key), madeFile: made.isNew ? path : nil, made: made)
    }

    /// An empty passphrase is a mistake, and would protect nothing.
    static func passphrase(_ given: SharedSecret) throws(Failure) -> NewCredential {
        guard given.bytes.count > 0 else {
            throw Failure(.usage, "the passphrase is empty", next: "give one, or use a key file")
        }
        return NewCredential(credential: .passphrase(given))
    }

    var newFiles: NewFiles {
        var files = NewFiles()
        files.add(madeFile, made)
        return files
    }
}

extension SecretRequest {
    /// A new passphrase from a SOURCE; a prompt asks twice.
    static func newPassphrase(
        from text: String, option: String, of member: String? = nil
    ) throws(Failure) -> SecretRequest {
        do throws(SecretSource.Misfit) {
            let label = "New passphrase" + (member.map { " of \($0)" } ?? "")
            return SecretRequest(
                name: SecretsIn.newPassphrase, source: try SecretSource(parsing: text), label: label,
                confirms: true)
        } catch {
            throw Failure(.usage, problems: [error.problem(option: option, example: option + " ")])
        }
    }
}

extension SecretsIn {
    static let newPassphrase = "the new passphrase"

    /// The passphrase of `SecretRequest.newPassphrase`.
    func newCredential() throws(Failure) -> NewCredential { try .passphrase(try read(Self.newPassphrase)) }

    /// For somebody who has nothing to unlock yet: the flags and variables say with what they will. Asked where they
    /// say nothing.
    func firstCredential(of name: String, _ context: Context) throws -> NewCredential {
        switch way {
        case .keyFile(let path): return try .keyFile(path, context)
        case .passphrase: return try .passphrase(try passphrase())
        case .recovery:
            throw Failure(
                .usage, "there is no recovery code yet", next: "give --key-file or --passphrase-from")
        case .ask:
            let terminal = try Terminal(for: "a passphrase", noInput: context.options.noInput)
            let typed = try HiddenPrompt(label: "New passphrase of \(name)", confirms: true).ask(on: terminal)
            return try .passphrase(SharedSecret(typed))
        }
    }
}
