import VaultCore
import VaultMemory
import VaultRegistry

/// The secrets that one command reads, including the credential that unlocks the vault.
///
/// Create it before anything is opened or changed: the initializer reports every impossible source at once (one stdin
/// for two secrets, a closed descriptor, a prompt without a terminal). `stdin` on a terminal becomes a hidden prompt, as
/// with `gh` and `op`.
struct CommandSecrets {
    static let passphrase = "the passphrase"
    static let recoveryCode = "the recovery code"
    let method: UnlockMethod
    private let requests: [SecretRequest]
    private let keepsNewline: Bool
    private let noInput: Bool

    /// Checks all sources before anything is read.
    ///
    /// - Parameters:
    ///   - secrets: The command's own secrets. The credential is added from the flags and variables.
    ///   - confirms: Whether a prompt asks for the credential twice, because it is new.
    init(
        _ context: Context, _ secrets: [SecretRequest] = [], keepsNewline: Bool = false,
        confirms: Bool = false, stdinIsTerminal: Bool = Descriptor.isTerminal(0)
    ) throws {
        method = try context.unlockMethod()
        var requests = secrets
        switch method {
        case .passphrase(let source):
            requests.append(
                SecretRequest(
                    name: Self.passphrase, source: source, label: "Passphrase", confirms: confirms))
        case .recovery(let source):
            requests.append(SecretRequest(name: Self.recoveryCode, source: source, label: "Recovery code"))
        case .keyFile, .ask: break
        }
        for index in requests.indices where requests[index].source == .stdin && stdinIsTerminal {
            requests[index].source = .prompt
        }
        (self.requests, self.keepsNewline, noInput) = (requests, keepsNewline, context.options.noInput)
        let problems = sharedSources() + closedDescriptors() + missingTerminal()
        if !problems.isEmpty { throw Failure(.usage, problems: problems) }
    }

    init(
        _ context: Context, _ fields: [Field], from sources: [String: SecretSource], of owner: String,
        keepsNewline: Bool
    ) throws {
        try self.init(
            context, fields.map { $0.request(sources[$0.key]!, of: owner) }, keepsNewline: keepsNewline)
    }

    /// Reads one of the requested secrets, and validates it. Each can be read once.
    func read(_ name: String) throws -> SharedSecret {
        guard let request = requests.first(where: { $0.name == name }) else {
            preconditionFailure("'\(name)' was not requested")
        }
        return try request.read(keepsNewline: keepsNewline, noInput: noInput)
    }

    func read(_ fields: [Field]) throws -> [String: SharedSecret] {
        Dictionary(uniqueKeysWithValues: try fields.map { ($0.key, try read($0.key)) })
    }

    /// The sources other than files and prompts that several secrets have.
    private func sharedSources() -> [Failure.Problem] {
        var seen: [SecretSource] = []
        return requests.compactMap { request -> Failure.Problem? in
            let source = request.source
            if case .file = source { return nil }
            guard source != .prompt, !seen.contains(source) else { return nil }
            seen.append(source)
            let names = requests.filter { $0.source == source }.map(\.name)
            guard names.count > 1 else { return nil }
            return Failure.Problem(
                "\(source.text) can be read only once, not for \(names.joined(separator: " and "))",
                next: "use a different source for each: file:PATH, fd:3, fd:4 or prompt")
        }
    }

    private func closedDescriptors() -> [Failure.Problem] {
        requests.compactMap { request -> Failure.Problem? in
            guard case .descriptor(let number) = request.source, !SecretSource.isInherited(number) else {
                return nil
            }
            let problem = SecretSource.notOpen(number)
            return Failure.Problem("\(request.name): \(problem.message)", next: problem.next)
        }
    }

    private func missingTerminal() -> [Failure.Problem] {
        let asked = requests.filter { $0.source == .prompt }.map(\.name)
        guard let first = asked.first, (try? Terminal(for: first, noInput: noInput)) == nil else { return [] }
        return asked.flatMap { TerminalError.noTerminal(what: $0).failure.problems }
    }
}
