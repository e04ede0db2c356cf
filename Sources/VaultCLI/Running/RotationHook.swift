import VaultCore
import VaultMasking
import VaultMemory
import VaultRegistry
import VaultWire

/// A program that makes a connection's new secrets at the provider, and is given the use of the old ones for it.
///
/// It gets a proxy for this connection, as `vault proxy NAME -- PROGRAM` would give it, and never a key. It writes each
/// new secret to a descriptor: `VAULT_NEW_SECRET_FD` has their numbers, `VAULT_NEW_SECRET_FIELDS` the fields in the same
/// order, with spaces between. One final newline is left out. What it says is shown on stderr when it has ended, with
/// the proxy's token and all that it wrote masked.
struct RotationHook {
    /// Seconds that a hook may take where nothing else is said.
    static let standardSeconds = 120

    let program: String
    let connection: String
    let fields: [Field]
    let seconds: Int

    /// Runs it, and gives its secrets by field.
    ///
    /// Nothing is changed here: whoever calls seals them. Each thing that can go wrong has words of its own.
    func run(_ context: Context, _ agent: AgentConnection) throws(Failure) -> [String: SharedSecret] {
        let path: String
        do throws(HookProgram.Misfit) { path = try HookProgram.check(program) } catch { throw error.failure }
        let proxy = try context.failing { () throws(VaultError) in
            let proxy = try agent.ask(StartProxy([connection], host: "127.0.0.1", port: 0))
            try agent.begin(HoldProxy(proxy.number))
            return proxy
        }
        let outcome: HookRun.Outcome
        do throws(ChildError) {
            ProcessHardening.restoreForChildren()
            defer { ProcessHardening.resumeAfterChild() }
            outcome = try HookRun.run(
                path, environment: try environment(proxy), secrets: fields.count, seconds: seconds,
                starting: ProcessHardening.inherited.starting)
        } catch {
            throw failure("could not be started", next: error.failure.problems[0].message)
        }
        show(outcome, proxy.token)
        try end(agent, context, outcome)
        try judge(outcome)
        var secrets: [String: SharedSecret] = [:]
        for (field, written) in zip(fields, outcome.written) {
            secrets[field.key] = try secret(field, written)
        }
        return secrets
    }

    /// Ends the proxy: its last requests are in the ledger before what comes next is.
    private func end(
        _ agent: AgentConnection, _ context: Context, _ outcome: HookRun.Outcome
    ) throws(Failure) {
        do throws(Failure) {
            _ = try context.failing { () throws(VaultError) in
                try agent.endStream()
                return try agent.next()
            }
        } catch {
            if outcome.status == 0 { Self.warnOfLoss() }
            throw error
        }
    }

    /// There is a new credential, and it came to nothing.
    static func warnOfLoss() {
        ErrorReport.warn("what the hook made is not stored: delete it at the provider")
    }

    private func environment(_ proxy: StartProxy.Answer) throws(ChildError) -> ChildEnvironment {
        var environment = ChildEnvironment(inheriting: .everything)
        for variable in proxy.variables {
            try environment.set(variable.name, pieces: variable.pieces.map(EnvironmentPiece.init))
        }
        let numbers = fields.indices.map { String(3 + $0) }.joined(separator: " ")
        try environment.set("VAULT_NEW_SECRET_FD", pieces: [.text(numbers)])
        let names = fields.map(\.key).joined(separator: " ")
        try environment.set("VAULT_NEW_SECRET_FIELDS", pieces: [.text(names)])
        return environment
    }

    private func show(_ outcome: HookRun.Outcome, _ token: SharedSecret) {
        guard !outcome.written.contains(where: \.isOverfull) else {
            return ErrorReport.warn(
                "what the hook said is not shown: it wrote more than could be masked in it")
        }
        let secrets = [token] + zip(fields, outcome.written).flatMap { $0.masks(of: $1.secret) }
        outcome.said.write(to: 2, masking: secrets.map { LentSecret($0) })
        if outcome.said.isOverfull { ErrorReport.warn("the hook said more than this; the rest is left out") }
    }

    private func judge(_ outcome: HookRun.Outcome) throws(Failure) {
        guard let status = outcome.status else {
            throw failure(
                "did not end within \(seconds) s, and was ended",
                next: "find out what it waits for; --time-limit gives it longer. " + Self.leftBehind)
        }
        guard status != 130 else { throw Failure(.interrupted, "interrupted", next: Self.leftBehind) }
        guard status == 0 else {
            let how = status > 128 ? "was ended by signal \(status - 128)" : "failed with status \(status)"
            throw failure(how, next: "see what it said above. " + Self.leftBehind)
        }
    }

    private func secret(_ field: Field, _ written: CollectedBytes) throws(Failure) -> SharedSecret {
        guard !written.isOverfull else {
            throw failure(
                "wrote more than \(HiddenPrompt.limit) bytes for \(field.key)",
                next: "it must write the secret alone. " + Self.leftBehind)
        }
        let secret = written.secret.withoutNewline
        guard secret.bytes.count > 0 else {
            throw failure(
                "ended with 0 and wrote no \(field.key)",
                next: "it must write it to the descriptor that VAULT_NEW_SECRET_FD names. " + Self.leftBehind)
        }
        guard field.isMultiline || !secret.hasSeveralLines else {
            throw failure(
                "wrote two values for \(field.key)",
                next: "it must write one, on one line. " + Self.leftBehind)
        }
        do throws(Problem) {
            _ = try unsafe secret.bytes.withUnsafeBytes { bytes throws(Problem) in
                try unsafe field.acceptedRange(of: bytes)
            }
        } catch {
            throw failure("wrote what is no \(field.key): \(error.message)", next: Self.leftBehind)
        }
        return secret
    }

    private static let leftBehind =
        "Nothing was changed here; a credential that it made all the same is to be deleted at the provider"

    private func failure(_ what: String, next: String) -> Failure {
        Failure(.otherSideFailed, "the hook \(program) of '\(connection)' \(what)", next: next)
    }
}

extension Field {
    /// What of a text that may hold this field's secret must not be seen: all of it, each of its lines, and what the form
    /// takes of it, without a prefix.
    fileprivate func masks(of written: SharedSecret) -> [SharedSecret] {
        let accepted = try? unsafe written.bytes.withUnsafeBytes { bytes throws(Problem) in
            try unsafe acceptedRange(of: bytes)
        }
        let ranges = [0..<written.withoutNewline.bytes.count, accepted].compactMap(\.self)
        return (ranges + (isMultiline ? [] : written.lines)).map { SharedSecret(written.bytes.clone($0)) }
    }
}

extension SharedSecret {
    /// Its lines, without white space around them.
    fileprivate var lines: [Range<Int>] {
        unsafe bytes.withUnsafeBytes { bytes in
            bytes.indices.split { unsafe bytes[$0] == 0x0A }.compactMap { line in
                let text = line.filter { unsafe bytes[$0] > 0x20 }
                return text.isEmpty ? nil : text.first!..<text.last! + 1
            }
        }
    }

    /// Without its final newline, as a secret from a file is taken.
    fileprivate var withoutNewline: SharedSecret {
        SharedSecret(bytes.clone(0..<bytes.countWithoutNewline(of: bytes.count)))
    }

    fileprivate var hasSeveralLines: Bool {
        unsafe bytes.withUnsafeBytes { unsafe $0.contains(0x0A) }
    }
}
