import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

/// `vault rotate`: replaces a credential at its provider. Each step is stored, so an interrupted rotation can resume.
struct RotateCommand: ParsableCommand, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace a credential: start, test, finish. The old one is kept for a while.",
        discussion: "To rotate the master key, use 'vault key rotate'.",
        subcommands: [Start.self, Test.self, Finish.self, Abort.self, Status.self, Go.self],
        defaultSubcommand: Go.self)

    static let examples = [
        "vault rotate 'Celonis prod'",
        "printf %s \"$NEW_KEY\" | vault rotate start 'Celonis prod' --secret app-key=stdin",
        "vault rotate test 'Celonis prod' && vault rotate finish 'Celonis prod' --overlap 24h",
    ]

    struct Start: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "start",
            abstract: "Store the new credential as pending. The current one stays in use.")
        static let examples = [
            "vault rotate start 'Celonis prod' --secret app-key=prompt --expires 90d",
            "vault rotate start 'Celonis prod' --with-hook",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @Option(
            name: .customLong("secret"),
            help: .init(
                "Read a new secret from prompt, stdin, file:PATH or fd:N; repeatable.",
                valueName: "field=source"))
        var secrets: [String] = []
        @Flag(
            help: "Create the secrets with the connection's hook (see 'connection annotate --rotate-with').")
        var withHook = false
        @OptionGroup var limit: TimeLimitOption
        @Option(help: .init("When the new secrets expire: 90d, 12w, 1y, or a date.", valueName: "when"))
        var expires: String?
        @Flag(help: "Abort a rotation in progress, and destroy its pending secrets.") var replace = false
        @Flag(help: "Keep the final newline of a secret from stdin or a file.") var keepNewline = false

        func run(_ context: Context) throws {
            let sources = try Assignments.sources(secrets)
            try require(
                !withHook || sources.isEmpty, "--with-hook and --secret can't be combined",
                next: "use one of them")
            guard withHook || !sources.isEmpty else {
                let fields = (try? context.open().fieldsToRotate(owner))?.map(\.key) ?? []
                throw Failure.usage("missing the new secret")
                    .next("add \(fields.secretOptions), or --with-hook")
            }
            let expiry = try expires.map { try TimeArgument.expiry($0, from: context.now) }
            let vault = try context.open()
            var draft = RotationDraft(of: owner, secrets: [:], expires: expiry, replaces: replace)
            guard !withHook else { return try startWithHook(draft, vault, context) }
            let fields = try sources.keys.sorted().map {
                try vault.perform(FindSecretField($0, of: owner)).field
            }
            let input = try CommandSecrets(
                context, fields, from: sources, of: owner, keepsNewline: keepNewline)
            let access = try input.access(context, to: vault)
            draft.secrets = try input.read(fields)
            try report(try context.perform(StartRotation(draft), access), vault, context)
        }

        private func startWithHook(_ draft: RotationDraft, _ vault: Vault, _ context: Context) throws {
            let fields = try vault.fieldsToRotate(owner)
            let seconds = try limit.seconds()
            guard let hook = try vault.rotationHook(of: owner, fields, seconds: seconds) else {
                let annotate = "vault connection annotate '\(owner)' --rotate-with PATH"
                throw Failure.usage("'\(owner)' has no rotation hook")
                    .next("an admin can set one for a connection: \(annotate)")
            }
            let agent = try CommandSecrets(context).networkAgent(context, vault)
            try report(try hook.start(draft, vault, context, agent), vault, context)
        }

        private func report(_ step: RotationStep, _ vault: Vault, _ context: Context) throws {
            let users = try vault.users(of: step)
            try context.receipt(
                step, "pending\(users.asUsers)", next: "vault rotate test '\(step.owner)'",
                connections: users)
        }
    }

    struct Finish: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "finish",
            abstract: "Make the pending credential current, and keep the old one for a while.")
        static let examples = ["vault rotate finish 'Celonis prod' --overlap 7d"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @OptionGroup var overlap: OverlapOption
        @Flag(help: "Finish without a passed test. Recorded in the ledger.") var untested = false

        func run(_ context: Context) throws {
            let overlap = try overlap.period()
            let (vault, access) = try context.openUnlocked()
            let finish = FinishRotation(of: owner, overlap: overlap, untested: untested)
            try context.finished(try context.perform(finish, access), vault)
        }
    }

    struct Abort: Command {
        static let configuration = CommandConfiguration(
            commandName: "abort", abstract: "Destroy the pending credential. The current one stays in use.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String

        func run(_ context: Context) throws {
            do {
                let step = try context.perform(AbortRotation(of: owner))
                try context.receipt(step, "destroyed; the current one stays in use")
            } catch VaultError.rotation(.nothingPending(let owner, _)) {
                throw Failure.usage("no rotation of '\(owner)' is in progress").next("vault rotate status")
            }
        }
    }

    struct Status: Command {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "List rotations in progress, and old secrets that are still kept. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client (default: all).", valueName: "name"))
        var owner: String?

        func run(_ context: Context) throws {
            try context.write(
                context.open().perform(ListRotations(of: owner)),
                ["NAME", "STAGE", "VERSIONS", "SET", "BY", "NEXT"], json: \.json, cells: \.cells)
        }
    }
}

struct OverlapOption: ParsableArguments {
    @Option(
        help: .init(
            "Keep the old version for this period, such as 7d; 0 destroys it at once.", valueName: "period"))
    var overlap = "24h"

    /// The period, or nil for none.
    func period() throws -> Period? {
        ["0", "0h", "0d"].contains(overlap) ? nil : try TimeArgument.period(overlap, option: "--overlap")
    }
}

extension RotationStep {
    /// `app-key version 3`, `token-id version 2 and token-secret version 2`.
    var text: String { versions.text + " of '\(owner)'" }
}

extension FieldVersion: JSONConvertible {
    var json: JSON { (["field": field, "version": version] as JSONObject).json }
}

extension [FieldVersion] {
    var text: String { map { "\($0.field) version \($0.version)" }.joined(separator: " and ") }
}

extension Vault {
    /// The connections that use the client; nil for a connection.
    func users(of step: RotationStep) throws -> [String]? {
        step.kind == .client ? try perform(ListClientUsers(of: step.owner)) : nil
    }
}

extension Optional where Wrapped == [String] {
    /// The end of a message about a client, with the connections that use it; empty for nil.
    var asUsers: String {
        map { $0.isEmpty ? "; no connection uses it" : "; used by \($0.quoted)" } ?? ""
    }
}

extension Context {
    /// Writes what a step did to its versions, and the next command.
    func receipt(
        _ step: RotationStep, _ done: String, next: String? = nil, connections: [String]? = nil
    ) throws {
        try receipt(
            "\(step.text) \(done)",
            [
                "connections": connections, "keep_until": step.keepUntil, "kind": step.kind,
                "next": next.orNull, "owner": step.owner, "versions": step.versions,
            ], next: next)
    }
}

extension RotationStatus {
    var next: String {
        switch stage {
        case .pending: "vault rotate test '\(owner)'"
        case .tested: "vault rotate finish '\(owner)'"
        case .overlap: "revoke it at the provider; kept until \(keepUntil?.text ?? "")"
        }
    }

    var cells: [String] { [owner, stage.rawValue, versions.text, since.text, by, next] }

    var json: JSONObject {
        [
            "by": by, "keep_until": keepUntil, "kind": kind, "next": next, "owner": owner, "since": since,
            "stage": stage.rawValue, "versions": versions,
        ]
    }
}
