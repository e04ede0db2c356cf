import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry
import VaultWire

extension RotateCommand {
    /// Runs all steps: `vault rotate NAME`.
    ///
    /// Each step is a separate change. If the command ends early (a failed test, ^C, a kill), `vault rotate status` shows
    /// the rotation, and this command resumes it.
    struct Go: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "go",
            abstract: "Run all steps: start, test and finish. Same as 'vault rotate NAME'.",
            discussion: """
                Resumes a rotation in progress. Otherwise it creates the new credential with the connection's hook, or prompts \
                for it.
                """)
        static let examples = [
            "vault rotate 'Celonis prod'", "vault rotate 'Celonis prod' --ask --overlap 0",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: ArgumentHelp("The connection or client.", valueName: "name")) var owner: String
        @OptionGroup var overlap: OverlapOption
        @Flag(help: "Prompt for the new credential, even if there is a hook.") var ask = false
        @OptionGroup var limit: TimeLimitOption

        func run(_ context: Context) throws {
            let overlap = try overlap.period()
            let vault = try context.open()
            let agent = try begin(context, vault)
            let test = try PendingTest(of: owner, in: vault)
            let tested = try test.run(context, agent)
            ErrorReport.note("\(tested.text) passed its test\(test.with)")
            let finish = FinishRotation(of: owner, overlap: overlap, untested: false)
            try context.finished(try context.perform(finish, agent), vault)
        }

        /// Starts a rotation unless one is in progress, with the hook or a prompt.
        private func begin(_ context: Context, _ vault: Vault) throws -> AgentConnection {
            let isGoingOn = try vault.perform(ListRotations(of: owner))
                .contains { $0.stage != .overlap }
            guard !isGoingOn else { return try CommandSecrets(context).networkAgent(context, vault) }
            let fields = try vault.fieldsToRotate(owner)
            let draft = RotationDraft(of: owner, secrets: [:])
            let seconds = try limit.seconds()
            if !ask, let hook = try HookedRotation(of: owner, fields, in: vault, seconds: seconds) {
                let agent = try CommandSecrets(context).networkAgent(context, vault)
                ErrorReport.note("\(try hook.start(draft, context, agent).text) pending")
                return agent
            }
            guard context.isInteractive else {
                let start = "vault rotate start '\(owner)' \(fields.map(\.key).secretOptions)"
                throw Failure(
                    .usage, "can't prompt for the new credential: no terminal, or --no-input",
                    next: "\(start) && vault rotate test '\(owner)' && vault rotate finish '\(owner)'")
            }
            return try start(draft, asking: fields, context, vault)
        }

        private func start(
            _ empty: RotationDraft, asking fields: [Field], _ context: Context, _ vault: Vault
        ) throws -> AgentConnection {
            var draft = empty
            let terminal = try Terminal(for: "the new credential")
            for field in fields { terminal.write(field.instructions) }
            let secrets = try CommandSecrets(context, fields.map { $0.request(.prompt, of: owner) })
            let agent = try secrets.networkAgent(context, vault)
            draft.secrets = try secrets.read(fields)
            let step = try context.perform(StartRotation(draft), agent)
            ErrorReport.note("\(step.text) pending" + Context.used(by: try vault.users(of: step)))
            return agent
        }
    }
}

/// The time limit of a hook.
struct TimeLimitOption: ParsableArguments {
    @Option(help: ArgumentHelp("End the hook after this time.", valueName: "seconds"))
    var timeLimit = RotationHook.defaultSeconds

    func seconds() throws -> Int {
        guard (1...86_400).contains(timeLimit) else {
            throw Failure(
                .usage, "--time-limit must be from 1 to 86400 seconds", next: "for example --time-limit 120")
        }
        return timeLimit
    }
}

/// A rotation with a hook that creates the new secrets.
struct HookedRotation {
    private let hook: RotationHook
    private let vault: Vault

    /// Returns nil for an owner without a hook.
    init?(
        of owner: String, _ fields: [Field], in vault: Vault, seconds: Int
    ) throws {
        guard let program = try vault.perform(FindRotationHook(of: owner)) else { return nil }
        self.vault = vault
        hook = RotationHook(program: program, connection: owner, fields: fields, seconds: seconds)
    }

    /// Runs the hook, and stores the secrets as pending. Fails before running it if a rotation is in progress.
    func start(
        _ empty: RotationDraft, _ context: Context, _ agent: AgentConnection
    ) throws -> RotationStep {
        let underWay = try vault.perform(ListRotations(of: hook.connection))
        if let going = underWay.first(where: { $0.stage != .overlap }), !empty.replaces {
            let fields = going.versions.map(\.field)
            throw VaultError.rotation(
                .underWay(owner: going.owner, fields: fields, by: going.by, since: going.since))
        }
        var draft = empty
        draft.program = hook.program
        draft.secrets = try hook.run(agent)
        do { return try context.perform(StartRotation(draft), agent) } catch {
            RotationHook.warnOfLoss()
            throw error
        }
    }
}

extension Vault {
    /// The fields of the current secrets, which a rotation replaces.
    func fieldsToRotate(_ owner: String) throws -> [Field] {
        var fields: [Field] = []
        for secret in try perform(ShowOwner(nil, owner)).secrets where secret.isCurrent {
            fields.append(try perform(FindSecretField(secret.field, of: owner)).field)
        }
        guard !fields.isEmpty else {
            throw Failure(
                .usage, "'\(owner)' has no secret to rotate",
                next: "rotate its OAuth 2.0 client, which vault connection show '\(owner)' names")
        }
        return fields
    }
}

extension Context {
    /// Reports a finished rotation, and how to revoke the old secret at the provider.
    func finished(_ step: RotationStep, _ vault: Vault) throws {
        let kept = step.keepUntil.map { ", the old one kept until \($0.text)" } ?? ""
        try receipt(step, "\(step.text) current\(kept)", next: nil)
        guard !json else { return }
        for version in step.versions {
            let field = try vault.perform(FindSecretField(version.field, of: step.owner)).field
            guard let how = field.renewal.howToRevoke else { continue }
            try output.line("next: revoke the old \(SafeText.escaped(field.label)):")
            for line in how.split(separator: "\n") { try output.line("  \(SafeText.escaped(String(line)))") }
        }
        try output.flush()
    }
}

extension Field {
    /// How to create a new secret at the provider, shown before the prompt.
    fileprivate var instructions: String {
        guard let howToGet else { return "" }
        let steps = howToGet.split(separator: "\n").map { "  \(SafeText.escaped(String($0)))\n" }.joined()
        return "A new \(SafeText.escaped(label)):\n\(steps)"
    }
}
