import VaultMemory
import VaultRegistry

/// A secret that a command needs, and its source.
struct SecretRequest {
    /// The name in messages, such as `app-key` or `the passphrase`.
    let name: String
    let source: SecretSource
    /// The text of the prompt, or nil for the name.
    var label: String?
    var lines: LineEditor.Lines = .one
    var confirms = false
    var help: (() -> String)?
    /// The field that the secret is for, which validates it; nil for a credential.
    var field: Field?
}

/// Reads the secrets of one command.
///
/// Create it with all requests before anything is opened or changed: the initializer reports every impossible source at
/// once (one stdin for two secrets, a closed descriptor, a prompt without a terminal). `stdin` on a terminal becomes a
/// hidden prompt, as with `gh` and `op`.
struct SourceReader {
    private let requests: [SecretRequest]
    private let keepsNewline: Bool
    private let noInput: Bool
    private let terminalPath: String
    private let stdinIsTerminal: Bool
    private let warn: (String) -> Void

    init(
        _ requests: [SecretRequest], keepsNewline: Bool = false, noInput: Bool = false,
        terminalPath: String = "/dev/tty", stdinIsTerminal: Bool = Descriptor.isTerminal(0),
        warn: @escaping (String) -> Void = ErrorReport.warn
    ) throws {
        self.requests = requests
        self.keepsNewline = keepsNewline
        self.noInput = noInput
        self.terminalPath = terminalPath
        self.stdinIsTerminal = stdinIsTerminal
        self.warn = warn
        let problems = sharedSources() + closedDescriptors() + missingTerminal()
        if !problems.isEmpty { throw Failure(.usage, problems: problems) }
    }

    /// Reads one of the requested secrets, and validates it. Each can be read once.
    ///
    /// - Throws: `Failure` if it cannot be read; the `Problem` that the transaction would report too.
    func read(_ name: String) throws -> SecretBytes {
        guard let request = requests.first(where: { $0.name == name }) else {
            preconditionFailure("'\(name)' was not requested")
        }
        let secret = try read(request)
        if let field = request.field {
            _ = try unsafe secret.withUnsafeBytes { bytes in try unsafe field.acceptedRange(of: bytes) }
        }
        return secret
    }

    private func read(_ request: SecretRequest) throws -> SecretBytes {
        let name = request.name
        do throws(SecretReader.ReadError) {
            switch request.source {
            case .stdin where !stdinIsTerminal:
                return try SecretReader.read(descriptor: 0, keepsNewline: keepsNewline)
            case .descriptor(let number):
                return try SecretReader.read(descriptor: number, keepsNewline: keepsNewline)
            case .file(let path):
                return try SecretReader.read(path: path, keepsNewline: keepsNewline, warn: warn)
            case .prompt, .stdin: break
            }
        } catch {
            throw Failure(.usage, "\(name): \(error.problem.message)", next: error.problem.next)
        }
        return try ask(request)
    }

    private func ask(_ request: SecretRequest) throws -> SecretBytes {
        let terminal = try Terminal(for: request.name, noInput: noInput, path: terminalPath)
        let prompt = HiddenPrompt(
            label: request.label ?? request.name, lines: request.lines, keepsNewline: keepsNewline,
            confirms: request.confirms, help: request.help)
        return try prompt.ask(on: terminal)
    }

    private func asks(_ request: SecretRequest) -> Bool {
        request.source == .prompt || request.source == .stdin && stdinIsTerminal
    }

    private func sharedSources() -> [Failure.Problem] {
        var users: [(source: SecretSource, names: [String])] = []
        for request in requests where !asks(request) {
            if case .file = request.source { continue }
            if let index = users.firstIndex(where: { $0.source == request.source }) {
                users[index].names.append(request.name)
            } else {
                users.append((request.source, [request.name]))
            }
        }
        return users.filter { $0.names.count > 1 }.map { user in
            .init(
                "\(user.source.text) can be read only once, not for \(user.names.joined(separator: " and "))",
                next: "use a different source for each: file:PATH, fd:3, fd:4 or prompt")
        }
    }

    private func closedDescriptors() -> [Failure.Problem] {
        var problems: [Failure.Problem] = []
        for request in requests {
            guard case .descriptor(let number) = request.source, !SecretReader.isInherited(number) else {
                continue
            }
            let problem = SecretReader.ReadError.notOpen(number).problem
            problems.append(.init("\(request.name): \(problem.message)", next: problem.next))
        }
        return problems
    }

    private func missingTerminal() -> [Failure.Problem] {
        let asked = requests.filter(asks)
        guard !asked.isEmpty else { return [] }
        do {
            _ = try Terminal(for: asked[0].name, noInput: noInput, path: terminalPath)
            return []
        } catch {
            return asked.flatMap { TerminalError.noTerminal(what: $0.name).failure.problems }
        }
    }
}
