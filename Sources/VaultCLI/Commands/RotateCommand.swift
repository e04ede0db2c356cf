import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry

/// `vault rotate`: a credential replaced at its provider, in steps that each survive being stopped.
struct RotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract:
            "Replace a credential: the new one waits, is tested, and takes over; the old one is kept for a while.",
        discussion: """
            vault rotate 'Celonis prod'                       all of it: at a terminal, or by the connection's hook
            printf %s "$NEW_KEY" | vault rotate start 'Celonis prod' --secret app-key=stdin
            vault rotate test 'Celonis prod' && vault rotate finish 'Celonis prod' --overlap 24h
            The master key is another thing: vault key rotate.
            """,
        subcommands: [Start.self, Test.self, Finish.self, Abort.self, Status.self, Go.self],
        defaultSubcommand: Go.self)

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Seal the new credential as pending; what is used stays as it is."
        )
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @Option(
            name: .customLong("secret"),
            help: ArgumentHelp(
                "Where a new secret comes from: prompt, stdin, file:PATH or fd:N.", valueName: "field=source")
        )
        var secrets: [String] = []
        @Flag(help: "Have it made by the connection's hook ('connection annotate --rotate-with').")
        var withHook = false
        @OptionGroup var limit: TimeLimitOption
        @Option(help: ArgumentHelp("When the new one expires: 90d, 12w, 1y, or a date.", valueName: "when"))
        var expires: String?
        @Flag(help: "Give up the rotation that is going on, and what is pending with it.") var replace = false
        @Flag(help: "Keep the last newline.") var keepNewline = false

        func run() throws {
            let context = Context(options)
            let sources = try Assignments.sources(secrets)
            guard sources.isEmpty == withHook else {
                throw Failure(
                    .usage,
                    withHook
                        ? "--with-hook and --secret exclude each other" : "a rotation needs the new secret",
                    next: "add --secret FIELD=SOURCE, such as app-key=prompt, or --with-hook")
            }
            let expiry = try expires.map { text throws(Failure) in try Expiry.parse(text, from: context.now) }
            let vault = try context.open()
            var draft = RotationDraft(of: owner, secrets: [:], expires: expiry, replaces: replace)
            guard !withHook else { return try startWithHook(draft, vault, context) }
            let fields = try context.failing { () throws(VaultError) in
                var fields: [Field] = []
                for key in sources.keys.sorted() { fields.append(try vault.secretField(key, of: owner)) }
                return fields
            }
            let input = try SecretsIn(
                context, fields.map { $0.request(sources[$0.key]!, of: owner) }, keepsNewline: keepNewline)
            let access = try input.access(context, to: vault)
            for field in fields { draft.secrets[field.key] = try input.read(field.key) }
            try tell(try context.perform(StartRotation(draft), access), vault, context)
        }

        private func startWithHook(_ draft: RotationDraft, _ vault: Vault, _ context: Context) throws {
            let fields = try context.fieldsToRotate(owner, vault)
            let seconds = try limit.seconds()
            guard let rotation = try HookedRotation(of: owner, fields, in: vault, context, seconds: seconds)
            else {
                throw Failure(
                    .usage, "'\(owner)' has no hook; a connection can have one",
                    next: "an admin names it: vault connection annotate NAME --rotate-with PATH")
            }
            let agent = try SecretsIn(context).networkAgent(context, vault)
            try tell(try rotation.start(draft, context, agent), vault, context)
        }

        private func tell(_ step: RotationStep, _ vault: Vault, _ context: Context) throws {
            let users = try context.users(of: step, vault)
            try context.receipt(
                step, "\(step.text) pending" + Context.used(by: users),
                next: "vault rotate test '\(step.owner)'", connections: users)
        }
    }

    struct Finish: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "finish",
            abstract: "Make what is pending the current one, and keep the old one for a while.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @OptionGroup var overlap: OverlapOption
        @Flag(help: "Although it has not passed its test; the ledger is told.") var untested = false

        func run() throws {
            let context = Context(options)
            let overlap = try overlap.period()
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let finish = FinishRotation(of: owner, overlap: overlap, untested: untested)
            try context.finished(try context.perform(finish, access), vault)
        }
    }

    struct Abort: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "abort", abstract: "Destroy what is pending; what is used stays as it is.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let step = try context.perform(AbortRotation(of: owner), access)
            try context.receipt(step, "\(step.text) destroyed; the current one stays", next: nil)
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract:
                "The rotations that are going on, and the old secrets that are still kept. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client; all of them without it.") var owner: String?

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let found = try context.failing { () throws(VaultError) in try vault.rotations(of: owner) }
            var table = Table(["NAME", "STAGE", "VERSIONS", "SET", "BY", "NEXT"])
            for rotation in found {
                if context.json { try context.output.json(rotation.json) } else { table.add(rotation.cells) }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }
}

/// How long the old version is kept.
struct OverlapOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long the old one is kept: 24h, 7d, or 0 to destroy it at once.", valueName: "period"))
    var overlap = "24h"

    /// Nil for none.
    func period() throws(Failure) -> Period? {
        ["0", "0h", "0d"].contains(overlap) ? nil : try Expiry.period(overlap, option: "--overlap")
    }
}

extension RotationStep {
    /// `app-key version 3`, `token-id version 2 and token-secret version 2`.
    var text: String { versions.text + " of '\(owner)'" }
}

extension [FieldVersion] {
    var text: String { map { "\($0.field) version \($0.version)" }.joined(separator: " and ") }

    var json: JSON {
        .array(map { ["field": .string($0.field), "version": .integer(Int64($0.version))] })
    }
}

extension Context {
    /// The connections that a client's rotation is about; nil where it is no client's.
    func users(of step: RotationStep, _ vault: Vault) throws(Failure) -> [String]? {
        guard step.kind == .client else { return nil }
        return try failing { () throws(VaultError) in try vault.connections(of: step.owner) }
    }

    static func used(by connections: [String]?) -> String {
        guard let connections else { return "" }
        guard !connections.isEmpty else { return "; no connection uses it" }
        return "; used by \(connections.named)"
    }

    /// What a step did, and the command that comes next.
    func receipt(
        _ step: RotationStep, _ text: String, next: String?, connections: [String]? = nil
    ) throws(OutputError) {
        var values: JSON.Members = [
            "kind": .string(step.kind.rawValue), "owner": .string(step.owner), "versions": step.versions.json,
        ]
        values["connections"] = connections.map { .array($0.map { .string($0) }) }
        values["keep_until"] = step.keepUntil.map { .string($0.text) }
        if json { values["next"] = next.map(JSON.string) ?? .null }
        try receipt(text, values)
        guard let next, !json else { return }
        try output.line(SafeText.escaped("next: \(next)"))
        try output.flush()
    }
}

extension RotationStatus {
    /// The command that this rotation waits for.
    var next: String {
        switch stage {
        case .pending: "vault rotate test '\(owner)'"
        case .tested: "vault rotate finish '\(owner)'"
        case .overlap: "revoke it at the provider; kept until \(keepUntil?.text ?? "")"
        }
    }

    var cells: [String] { [owner, stage.rawValue, versions.text, since.text, by, next] }

    var json: JSON {
        var members: JSON.Members = [
            "by": .string(by), "kind": .string(kind.rawValue), "next": .string(next), "owner": .string(owner),
            "schema": 1, "since": .string(since.text), "stage": .string(stage.rawValue),
            "versions": versions.json,
        ]
        members["keep_until"] = keepUntil.map { .string($0.text) }
        return .object(members)
    }
}
