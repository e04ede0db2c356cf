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
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
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
            let finish = FinishRotation(of: owner, overlap: overlap)
            try context.finished(try context.perform(finish, agent), vault)
        }

        /// Starts a rotation unless one is in progress, with the hook or a prompt.
        private func begin(_ context: Context, _ vault: Vault) throws -> AgentConnection {
            if try vault.rotationInProgress(of: owner) != nil {
                return try CommandSecrets(context).networkAgent(context, vault)
            }
            let fields = try vault.fieldsToRotate(owner)
            var draft = RotationDraft(of: owner, secrets: [:])
            let seconds = try limit.seconds()
            if !ask, let hook = try vault.rotationHook(of: owner, fields, seconds: seconds) {
                let agent = try CommandSecrets(context).networkAgent(context, vault)
                ErrorReport.note("\(try hook.start(draft, vault, context, agent).text) pending")
                return agent
            }
            guard context.isInteractive else {
                let start = "vault rotate start '\(owner)' \(fields.map(\.key).secretOptions)"
                throw Failure.usage("can't prompt for the new credential: no terminal, or --no-input")
                    .next("\(start) && vault rotate test '\(owner)' && vault rotate finish '\(owner)'")
            }
            let terminal = try Terminal(for: "the new credential")
            for field in fields { terminal.write(field.instructions) }
            let secrets = try CommandSecrets(context, fields.map { $0.request(.prompt, of: owner) })
            let agent = try secrets.networkAgent(context, vault)
            draft.secrets = try secrets.read(fields)
            let step = try context.perform(StartRotation(draft), agent)
            let users = try vault.users(of: step)
            ErrorReport.note("\(step.text) pending\(users.asUsers)")
            return agent
        }
    }
}

struct TimeLimitOption: ParsableArguments {
    @Option(help: .init("End the hook after this time.", valueName: "seconds"))
    var timeLimit = RotationHook.defaultSeconds

    func seconds() throws -> Int {
        try require(
            (1...86_400).contains(timeLimit), "--time-limit must be from 1 to 86400 seconds",
            next: "for example --time-limit 120")
        return timeLimit
    }
}

extension RotationHook {
    /// Runs the hook, and stores the secrets as pending. Fails before running it if a rotation is in progress.
    func start(
        _ empty: RotationDraft, _ vault: Vault, _ context: Context, _ agent: AgentConnection
    ) throws -> RotationStep {
        if let current = try vault.rotationInProgress(of: connection), !empty.replaces {
            let fields = current.versions.map(\.field)
            throw VaultError.rotation(
                .underWay(owner: current.owner, fields: fields, by: current.by, since: current.since))
        }
        var draft = empty
        draft.program = program
        draft.secrets = try run(agent)
        do { return try context.perform(StartRotation(draft), agent) } catch {
            Self.warnOfLoss()
            throw error
        }
    }
}

extension Vault {
    /// The hook that creates new secrets; nil for an owner without one.
    func rotationHook(of owner: String, _ fields: [Field], seconds: Int) throws -> RotationHook? {
        try perform(FindRotationHook(of: owner)).map {
            RotationHook(program: $0, connection: owner, fields: fields, seconds: seconds)
        }
    }

    /// The rotation with a pending credential; nil if there is none.
    func rotationInProgress(of owner: String) throws -> RotationStatus? {
        try perform(ListRotations(of: owner)).first { $0.stage != .overlap }
    }

    /// The fields of the current secrets, which a rotation replaces.
    func fieldsToRotate(_ owner: String) throws -> [Field] {
        let fields = try perform(ShowOwner(nil, owner)).secrets.filter(\.isCurrent).map {
            try perform(FindSecretField($0.field, of: owner)).field
        }
        try require(
            !fields.isEmpty, "'\(owner)' has no secret to rotate",
            next: "rotate its OAuth 2.0 client, which vault connection show '\(owner)' names")
        return fields
    }
}

extension Context {
    /// Reports a finished rotation, and how to revoke the old secret at the provider.
    func finished(_ step: RotationStep, _ vault: Vault) throws {
        let kept = step.keepUntil.map { ", the old one kept until \($0.text)" } ?? ""
        try receipt(step, "current\(kept)")
        guard !json else { return }
        for version in step.versions {
            let field = try vault.perform(FindSecretField(version.field, of: step.owner)).field
            guard let how = field.renewal.howToRevoke else { continue }
            let steps = how.split(separator: "\n").map { "  \($0)" }
            try output.lines(["next: revoke the old \(field.label):"] + steps)
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
