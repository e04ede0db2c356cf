import ArgumentParser
import VaultCore
import VaultLedger

extension ConnectionCommand {
    /// What stands beside a connection, and what it may be used for: nothing that a secret is sealed to.
    struct Annotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "annotate", abstract: "Change tags, note, and how often secrets are to be rotated.",
            discussion: """
                None of it needs a secret. An empty value takes a tag away.
                --allow, --allow-path and --rotate-with are for admins: they say what the connection may be used for and
                which program makes its new secrets, replacing what was said before. --allow all, --allow-path '' and
                --rotate-with none take it back.
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String
        @Option(help: ArgumentHelp("A tag.", valueName: "key=value")) var tag: [String] = []
        @Option(help: "A note; an empty one takes it away.") var note: String?
        @OptionGroup var periods: PeriodOptions
        @Option(help: ArgumentHelp("The uses: exec, proxy, request, token, all or none.", valueName: "uses"))
        var allow: String?
        @Option(
            help: ArgumentHelp(
                "What request and proxy may ask; again for more.", valueName: "method /path/**"))
        var allowPath: [String] = []
        @Option(
            help: ArgumentHelp(
                "The program that 'vault rotate' runs for a new secret, or none.", valueName: "path"))
        var rotateWith: String?

        func run() throws {
            let context = Context(options)
            let rules = try periods.rules()
            let hook = try hook()
            let tags = try Assignments.pairs(tag, option: "--tag").map {
                Owner.Tag(key: $0.key, value: $0.value)
            }
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let isPolicy = allow != nil || !allowPath.isEmpty || hook != nil
            if isPolicy {
                try context.perform(
                    AllowUses(
                        of: name, uses: try allow.map { text throws(Failure) in try Self.uses(text) },
                        paths: allowPath.isEmpty ? nil : allowPath.filter { !$0.isEmpty }, rotateWith: hook),
                    access)
            }
            if !tags.isEmpty || note != nil || !rules.isEmpty || !isPolicy {
                try context.perform(
                    AnnotateOwner(.connection, name, tags: tags, note: note, rotate: rules), access)
            }
            try context.receipt("connection '\(name)' annotated", ["name": .string(name)])
        }

        /// An empty one takes it away.
        private func hook() throws(Failure) -> String? {
            guard let rotateWith else { return nil }
            if ["none", ""].contains(rotateWith) { return "" }
            do throws(HookProgram.Misfit) { _ = try HookProgram.check(rotateWith) } catch {
                throw error.failure
            }
            return rotateWith
        }

        private static func uses(_ text: String) throws(Failure) -> Set<VaultCore.Use> {
            if text == "all" { return Set(VaultCore.Use.allCases) }
            if text == "none" { return [] }
            var uses: Set<VaultCore.Use> = []
            for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
                guard let use = VaultCore.Use(rawValue: String(word)) else {
                    throw Failure(
                        .usage, "'\(word)' is no use of a connection",
                        next: "--allow exec,proxy,request,token, or all, or none")
                }
                uses.insert(use)
            }
            return uses
        }
    }
}
