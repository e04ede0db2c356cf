import VaultCore
import VaultMemory
import VaultRegistry

/// A secret that a command needs, and its source.
struct SecretRequest {
    /// The name in messages, such as `app-key` or `the passphrase`.
    let name: String
    var source: SecretSource
    /// The text of the prompt, or nil for the name.
    var label: String?
    var lines: LineEditor.Lines = .one
    var confirms = false
    var help: (() -> String)?
    /// The field that the secret is for, which validates it; nil for a credential.
    var field: Field?

    /// Reads the secret, and validates it.
    ///
    /// - Throws: `Failure` if it cannot be read; the `Problem` that the transaction would report too.
    func read(keepsNewline: Bool, noInput: Bool) throws -> SharedSecret {
        let secret = SharedSecret(try readBytes(keepsNewline, noInput))
        if let field {
            _ = try unsafe secret.bytes.withUnsafeBytes { bytes in try unsafe field.acceptedRange(of: bytes) }
        }
        return secret
    }

    private func readBytes(_ keepsNewline: Bool, _ noInput: Bool) throws -> SecretBytes {
        do throws(Failure.Problem) {
            if let secret = try source.read(keepsNewline: keepsNewline) { return secret }
        } catch {
            throw Failure(.usage, "\(name): \(error.message)", next: error.next)
        }
        let terminal = try Terminal(for: name, noInput: noInput)
        let prompt = HiddenPrompt(
            label: label ?? name, lines: lines, keepsNewline: keepsNewline, confirms: confirms, help: help)
        return try prompt.ask(on: terminal)
    }
}

extension Field {
    /// The text that `?` shows: help, an example, and how to get the value.
    var longHelp: String {
        [help, example.map { "Example: \($0)" }, howToGet].compactMap(\.self).joined(separator: "\n")
    }

    func request(_ source: SecretSource, of owner: String) -> SecretRequest {
        SecretRequest(
            name: key, source: source, label: "\(label) of \(owner)", lines: isMultiline ? .several : .one,
            help: { longHelp }, field: self)
    }
}
