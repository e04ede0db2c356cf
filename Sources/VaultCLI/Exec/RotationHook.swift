import VaultCore
import VaultMemory
import VaultRegistry
import VaultWire

/// A program that creates a connection's new secrets at the provider, with the use of the old ones.
///
/// It gets a proxy for this connection, as under `vault proxy`, and never a key. It writes each new secret to a
/// descriptor: `VAULT_NEW_SECRET_FD` has their numbers and `VAULT_NEW_SECRET_FIELDS` the fields in the same order,
/// separated by spaces. One final newline is removed. Its output is printed to stderr when it has ended, with the proxy's
/// token and the secrets masked.
struct RotationHook {
    /// The default time limit in seconds.
    static let defaultSeconds = 120

    let program: String
    let connection: String
    let fields: [Field]
    let seconds: Int

    /// Runs the program and returns its secrets by field. It changes nothing in the vault.
    func run(_ agent: AgentConnection) throws -> [String: SharedSecret] {
        let path = try HookProgram.check(program)
        let proxy = try agent.startProxy([connection], host: "127.0.0.1", port: 0)
        let outcome: HookRun.Outcome
        do throws(ChildError) {
            ProcessHardening.restoreCallerUmask()
            defer { ProcessHardening.restorePrivateUmask() }
            outcome = try HookRun.run(
                path, environment: try environment(proxy), secrets: fields.count, seconds: seconds,
                starting: ProcessHardening.inherited.launchState)
        } catch {
            let problem = error.failure.problems[0]
            throw failure("can't be started: \(problem.message)", next: problem.next)
        }
        show(outcome, proxy.token)
        do { try agent.endProxy() } catch {
            if outcome.status == 0 { Self.warnOfLoss() }
            throw error
        }
        try judge(outcome)
        return Dictionary(
            uniqueKeysWithValues: try zip(fields, outcome.secrets).map { ($0.key, try secret($0, $1)) })
    }

    /// Warns that a new credential exists at the provider and not in the vault.
    static func warnOfLoss() {
        ErrorReport.warn("the new credential was not stored; delete it at the provider")
    }

    private func environment(_ proxy: StartProxy.Answer) throws(ChildError) -> ChildEnvironment {
        var environment = try ChildEnvironment(proxy)
        let numbers = fields.indices.map { String(3 + $0) }
        try environment.set("VAULT_NEW_SECRET_FD", pieces: [.text(numbers.joined(separator: " "))])
        let names = fields.map(\.key)
        try environment.set("VAULT_NEW_SECRET_FIELDS", pieces: [.text(names.joined(separator: " "))])
        return environment
    }

    private func show(_ outcome: HookRun.Outcome, _ token: SharedSecret) {
        guard !outcome.secrets.contains(where: \.isTruncated) else {
            return ErrorReport.warn(
                "the hook's output is not shown: it can't be masked, because a secret is too long")
        }
        let secrets = [token] + zip(fields, outcome.secrets).flatMap { $0.masks(of: $1.secret) }
        outcome.output.write(to: 2, masking: secrets)
        if outcome.output.isTruncated { ErrorReport.warn("the hook's output was truncated") }
    }

    private func judge(_ outcome: HookRun.Outcome) throws {
        guard let status = outcome.status else {
            throw failure(
                "timed out after \(counted(seconds, "second"))",
                "find out what it waits for, or use a longer --time-limit")
        }
        guard status != 130 else { throw Failure(.interrupted, "interrupted", next: Self.cleanUp) }
        guard status == 0 else {
            let how = status > 128 ? "was killed by signal \(status - 128)" : "failed with status \(status)"
            throw failure(how, "see its output above")
        }
    }

    private func secret(_ field: Field, _ captured: CapturedOutput) throws -> SharedSecret {
        guard !captured.isTruncated else {
            let what = "wrote more than \(HiddenPrompt.limit) bytes for \(field.key)"
            throw failure(what, "it must write only the secret")
        }
        let secret = captured.secret.withoutNewline
        guard secret.bytes.count > 0 else {
            throw failure(
                "exited with 0 but wrote no \(field.key)",
                "it must write it to the descriptor in VAULT_NEW_SECRET_FD")
        }
        guard field.isMultiline || !secret.hasSeveralLines else {
            throw failure("wrote several lines for \(field.key)", "it must write one line")
        }
        do throws(Problem) {
            _ = try unsafe secret.bytes.withUnsafeBytes { bytes throws(Problem) in
                try unsafe field.acceptedRange(of: bytes)
            }
        } catch {
            throw failure("wrote an invalid \(field.key): \(error.message)", next: Self.cleanUp)
        }
        return secret
    }

    private static let cleanUp =
        "Nothing was changed in the vault; if it created a credential, delete it at the provider"

    private func failure(_ what: String, _ step: String) -> Failure {
        failure(what, next: "\(step). \(Self.cleanUp)")
    }

    private func failure(_ what: String, next: String?) -> Failure {
        Failure(.otherSideFailed, "the hook \(program) of '\(connection)' \(what)", next: next)
    }
}

extension Field {
    /// The texts to mask if a program wrote this secret: the whole, each line, and the part that the field accepts.
    fileprivate func masks(of written: SharedSecret) -> [SharedSecret] {
        let accepted = try? unsafe written.bytes.withUnsafeBytes { bytes throws(Problem) in
            try unsafe acceptedRange(of: bytes)
        }
        let ranges = [0..<written.withoutNewline.bytes.count, accepted].compactMap(\.self)
        return (ranges + (isMultiline ? [] : written.lines)).map { SharedSecret(written.bytes.clone($0)) }
    }
}

extension SharedSecret {
    /// The ranges of its lines, without surrounding white space.
    fileprivate var lines: [Range<Int>] {
        unsafe bytes.withUnsafeBytes { bytes in
            bytes.indices.split { unsafe bytes[$0] == 0x0A }.compactMap { line in
                let text = line.filter { unsafe bytes[$0] > 0x20 }
                return text.isEmpty ? nil : text.first!..<text.last! + 1
            }
        }
    }

    /// The secret without a final newline, as for a secret from a file.
    fileprivate var withoutNewline: SharedSecret {
        SharedSecret(bytes.clone(0..<bytes.countWithoutNewline(of: bytes.count)))
    }

    fileprivate var hasSeveralLines: Bool {
        unsafe bytes.withUnsafeBytes { unsafe $0.contains(0x0A) }
    }
}
