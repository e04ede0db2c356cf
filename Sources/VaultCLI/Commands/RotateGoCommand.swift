import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultWire

extension RotateCommand {
    /// Every step in one, for a person at a terminal, or by the connection's hook: `vault rotate NAME`.
    ///
    /// Each step is a change of its own, so whatever ends this command (a failed test, ^C, a kill) leaves a rotation
    /// that `vault rotate status` tells of, and that this command goes on with.
    struct Go: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "go",
            abstract: "All the steps in one, at a terminal or by a hook; 'vault rotate NAME' is the same.",
            discussion: """
                Goes on with what is pending already. Runs the connection's hook for the new credential, or asks for it
                where there is none; tests it; lets it take over.
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @OptionGroup var overlap: OverlapOption
        @Flag(help: "Ask for the new credential, although there is a hook.") var ask = false
        @OptionGroup var limit: TimeLimitOption

        func run() throws {
            let context = Context(options)
            let overlap = try overlap.period()
            let vault = try context.open()
            let agent = try begin(context, vault)
            let test = try PendingTest(of: owner, in: vault, context)
            let tested = try test.run(context, agent)
            ErrorReport.note("\(tested.text) passed its test\(test.with)")
            let finish = FinishRotation(of: owner, overlap: overlap, untested: false)
            try context.finished(try context.perform(finish, agent), vault)
        }

        /// Sees to it that something is pending: what is already, what the hook makes, or what is typed.
        private func begin(_ context: Context, _ vault: Vault) throws -> AgentConnection {
            let isGoingOn = try context.failing { () throws(VaultError) in
                try vault.rotations(of: owner).contains { $0.stage != .overlap }
            }
            guard !isGoingOn else { return try SecretsIn(context).networkAgent(context, vault) }
            let fields = try context.fieldsToRotate(owner, vault)
            let draft = RotationDraft(of: owner, secrets: [:])
            let seconds = try limit.seconds()
            if !ask, let hook = try HookedRotation(of: owner, fields, in: vault, context, seconds: seconds) {
                let agent = try SecretsIn(context).networkAgent(context, vault)
                ErrorReport.note("\(try hook.start(draft, context, agent).text) pending")
                return agent
            }
            guard context.isInteractive else {
                throw Failure(
                    .usage, "rotating in one go asks at a terminal, and there is none",
                    next:
                        "vault rotate start '\(owner)' --secret FIELD=SOURCE; then vault rotate test and finish"
                )
            }
            return try start(draft, asking: fields, context, vault)
        }

        private func start(
            _ empty: RotationDraft, asking fields: [Field], _ context: Context, _ vault: Vault
        ) throws -> AgentConnection {
            var draft = empty
            let terminal = try Terminal(for: "the new credential")
            for field in fields { terminal.say(field.invitation) }
            let secrets = try SecretsIn(context, fields.map { $0.request(.prompt, of: owner) })
            let agent = try secrets.networkAgent(context, vault)
            for field in fields { draft.secrets[field.key] = try secrets.read(field.key) }
            let step = try context.perform(StartRotation(draft), agent)
            ErrorReport.note("\(step.text) pending" + Context.used(by: try context.users(of: step, vault)))
            return agent
        }
    }
}

/// How long a hook may take.
struct TimeLimitOption: ParsableArguments {
    @Option(help: ArgumentHelp("How long the hook may take.", valueName: "seconds"))
    var timeLimit = RotationHook.standardSeconds

    func seconds() throws(Failure) -> Int {
        guard (1...86_400).contains(timeLimit) else {
            throw Failure(.usage, "--time-limit is from 1 to 86400 seconds", next: "--time-limit 120")
        }
        return timeLimit
    }
}

/// A rotation whose new secrets a hook makes.
struct HookedRotation {
    private let hook: RotationHook
    private let vault: Vault

    /// Nil for an owner without a hook.
    init?(
        of owner: String, _ fields: [Field], in vault: Vault, _ context: Context, seconds: Int
    ) throws(Failure) {
        let program = try context.failing { () throws(VaultError) in try vault.rotationHook(of: owner) }
        guard let program else { return nil }
        self.vault = vault
        hook = RotationHook(program: program, connection: owner, fields: fields, seconds: seconds)
    }

    /// Runs the hook, and seals what it made as pending. What is in the way of that is said before the hook runs.
    func start(
        _ empty: RotationDraft, _ context: Context, _ agent: AgentConnection
    ) throws(Failure) -> RotationStep {
        if let going = try context.failing({ () throws(VaultError) in
            try vault.rotations(of: hook.connection).first { $0.stage != .overlap }
        }), !empty.replaces {
            let fields = going.versions.map(\.field)
            throw Failure(
                .rotation(.underWay(owner: going.owner, fields: fields, by: going.by, since: going.since)))
        }
        var draft = empty
        draft.program = hook.program
        draft.secrets = try hook.run(context, agent)
        do throws(Failure) { return try context.perform(StartRotation(draft), agent) } catch {
            RotationHook.warnOfLoss()
            throw error
        }
    }
}

extension Context {
    /// The fields of the secrets that an owner has, which a rotation replaces.
    func fieldsToRotate(_ owner: String, _ vault: Vault) throws(Failure) -> [Field] {
        let fields = try failing { () throws(VaultError) in
            var fields: [Field] = []
            for secret in try vault.secrets(of: owner).secrets where secret.label == "current" {
                fields.append(try vault.secretField(secret.field, of: owner))
            }
            return fields
        }
        guard !fields.isEmpty else {
            throw Failure(
                .usage, "'\(owner)' has no secret of its own to rotate",
                next: "vault connection show '\(owner)' names its client: vault rotate CLIENT")
        }
        return fields
    }
}

extension Context {
    /// What a finished rotation made current, and how the old one is taken back at the provider.
    func finished(_ step: RotationStep, _ vault: Vault) throws {
        let kept = step.keepUntil.map { ", the old one kept until \($0.text)" } ?? ""
        try receipt(step, "\(step.text) current\(kept)", next: nil)
        guard !json else { return }
        for version in step.versions {
            let field = try failing { () throws(VaultError) in
                try vault.secretField(version.field, of: step.owner)
            }
            guard let how = field.renewal.howToRevoke else { continue }
            try output.line("then revoke the old \(SafeText.escaped(field.label)):")
            for line in how.split(separator: "\n") { try output.line("  \(SafeText.escaped(String(line)))") }
        }
        try output.flush()
    }
}

extension Field {
    /// Where a person makes a new one, before it is asked for.
    fileprivate var invitation: String {
        guard let howToGet else { return "" }
        let steps = howToGet.split(separator: "\n").map { "  \(SafeText.escaped(String($0)))\n" }.joined()
        return "A new \(SafeText.escaped(label)):\n\(steps)"
    }
}
