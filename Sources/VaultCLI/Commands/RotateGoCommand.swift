import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultWire

extension RotateCommand {
    /// Every step in one, for a person at a terminal: `vault rotate NAME`.
    ///
    /// Each step is a change of its own, so whatever ends this command (a failed test, ^C, a kill) leaves a rotation
    /// that `vault rotate status` tells of, and that this command goes on with.
    struct Go: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "go",
            abstract: "All the steps in one, at a terminal; 'vault rotate NAME' is the same.",
            discussion: "Goes on with what is pending already. Asks for the new credential, and tests it.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @OptionGroup var overlap: OverlapOption

        func run() throws {
            let context = Context(options)
            let overlap = try overlap.period()
            guard context.isInteractive else {
                throw Failure(
                    .usage, "rotating in one go asks at a terminal, and there is none",
                    next:
                        "vault rotate start '\(owner)' --secret FIELD=SOURCE; then vault rotate test and finish"
                )
            }
            let vault = try context.open()
            let fields = try fieldsToAsk(context, vault)
            let terminal = try Terminal(for: "the new credential")
            for field in fields { terminal.say(field.invitation) }
            let secrets = try SecretsIn(context, fields.map { $0.request(.prompt, of: owner) })
            let agent = try secrets.networkAgent(context, vault)
            if !fields.isEmpty {
                var draft = RotationDraft(of: owner, secrets: [:], expires: nil, replaces: false)
                for field in fields { draft.secrets[field.key] = try secrets.read(field.key) }
                terminal.say(
                    "\(SafeText.escaped(try context.perform(StartRotation(draft), agent).text)) pending\n")
            }
            let tested = try PendingTest(of: owner, in: vault, context).run(context, agent)
            terminal.say("\(SafeText.escaped(tested.text)) passed its test\n")
            let finish = FinishRotation(of: owner, overlap: overlap, untested: false)
            try context.finished(try context.perform(finish, agent), vault)
        }

        /// The secrets to ask for; none where a rotation waits for its test.
        private func fieldsToAsk(_ context: Context, _ vault: Vault) throws(Failure) -> [Field] {
            try context.failing { () throws(VaultError) in
                guard try vault.rotations(of: owner).allSatisfy({ $0.stage == .overlap }) else { return [] }
                var fields: [Field] = []
                for secret in try vault.secrets(of: owner).secrets where secret.label == "current" {
                    fields.append(try vault.secretField(secret.field, of: owner))
                }
                return fields
            }
        }
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
