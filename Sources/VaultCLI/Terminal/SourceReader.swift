import VaultMemory

/// One secret that a command needs, and where it comes from.
struct SecretRequest {
    /// The name for messages, as in `app-key` or `the passphrase`.
    let name: String
    let source: SecretSource
    /// What the prompt says; the name where it is nil.
    var label: String?
    var lines: LineEditor.Lines = .one
    var confirms = false
    var help: (() -> String)?
}

/// Reads all secrets of one command.
///
/// Make one with every request of the command, before anything is opened or changed: it refuses, all at once, what
/// cannot be (one stdin for two secrets, a closed descriptor, a prompt without a terminal). `stdin` on a terminal is
/// a hidden prompt, as with `gh` and `op`: what is typed there must not be shown.
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
    ) throws(Failure) {
        self.requests = requests
        self.keepsNewline = keepsNewline
        self.noInput = noInput
        self.terminalPath = terminalPath
        self.stdinIsTerminal = stdinIsTerminal
        self.warn = warn
        let problems = sharedSources() + closedDescriptors() + missingTerminal()
        if !problems.isEmpty { throw Failure(.usage, problems: problems) }
    }

    /// Reads one of the requests; each may be read once.
    func read(_ name: String) throws(Failure) -> SecretBytes {
        guard let request = requests.first(where: { $0.name == name }) else {
            preconditionFailure("no request was made for this secret")
        }
        do {
            switch request.source {
            case .stdin where !stdinIsTerminal:
                return try SecretInput.read(descriptor: 0, keepsNewline: keepsNewline)
            case .prompt, .stdin: return try ask(request)
            case .descriptor(let number):
                return try SecretInput.read(descriptor: number, keepsNewline: keepsNewline)
            case .file(let path):
                return try SecretInput.read(path: path, keepsNewline: keepsNewline, warn: warn)
            }
        } catch let error as SecretInput.Misfit {
            throw Failure(.usage, "\(name): \(error.problem.message)", next: error.problem.next)
        } catch let error as TerminalError {
            throw error.failure
        } catch {
            preconditionFailure("reading a secret fails in two ways only")
        }
    }

    private func ask(_ request: SecretRequest) throws(TerminalError) -> SecretBytes {
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
                "\(user.source.text) cannot give \(user.names.joined(separator: " and ")): it can be read once",
                next: "give each its own source: file:PATH, fd:3, fd:4, or prompt")
        }
    }

    private func closedDescriptors() -> [Failure.Problem] {
        var problems: [Failure.Problem] = []
        for request in requests {
            guard case .descriptor(let number) = request.source, !SecretInput.isInherited(number) else {
                continue
            }
            let problem = SecretInput.Misfit.notOpen(number).problem
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
