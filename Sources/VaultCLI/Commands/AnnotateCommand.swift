import ArgumentParser
import VaultCore

extension ConnectionCommand {
    /// Changes the metadata and the policy of a connection, to which no secret is sealed.
    struct Annotate: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "annotate",
            abstract: "Change tags, note, rotation periods and policy. Needs no secret.",
            discussion: """
                An empty value removes a tag or the note. --allow, --allow-path and --rotate-with are for admins, and \
                replace the previous policy; --allow all, --allow-path '' and --rotate-with none reset it.
                """)
        static let examples = [
            "vault connection annotate 'Celonis prod' --tag team=finance --note 'Nightly load'",
            "vault connection annotate 'Celonis prod' --rotate-every app-key=90d",
            "vault connection annotate 'Celonis prod' --allow request,proxy --allow-path 'GET /intelligence/**'",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connection's name.") var name: String
        @Option(help: .init("Set a tag; repeatable.", valueName: "key=value")) var tag: [String] = []
        @Option(help: "Set the note.") var note: String?
        @OptionGroup var periods: RotationPeriodOptions
        @Option(help: .init("Allow these uses: exec, proxy, request, token, all or none.", valueName: "uses"))
        var allow: String?
        @Option(help: .init("Allow request and proxy this path; repeatable.", valueName: "method /path/**"))
        var allowPath: [String] = []
        @Option(
            help: .init(
                "Create new secrets with this program (see 'vault rotate'), or none.", valueName: "path"))
        var rotateWith: String?

        func run(_ context: Context) throws {
            let rules = try periods.rules()
            let hook = try hook()
            let tags = try Assignments.tags(tag)
            let (_, access) = try context.openUnlocked()
            let isPolicy = allow != nil || !allowPath.isEmpty || hook != nil
            if isPolicy {
                try context.perform(
                    AllowUses(
                        of: name, uses: try allow.map(Self.uses),
                        paths: allowPath.isEmpty ? nil : allowPath.filter { !$0.isEmpty }, rotateWith: hook),
                    access)
            }
            if !tags.isEmpty || note != nil || !rules.isEmpty || !isPolicy {
                try context.perform(
                    AnnotateOwner(.connection, name, tags: tags, note: note, rotate: rules), access)
            }
            try context.receipt("connection '\(name)' annotated", ["name": name])
        }

        /// The path of the hook, or an empty string to remove it.
        private func hook() throws -> String? {
            guard let rotateWith else { return nil }
            if ["none", ""].contains(rotateWith) { return "" }
            _ = try HookProgram.check(rotateWith)
            return rotateWith
        }

        private static func uses(_ text: String) throws -> Set<VaultCore.Use> {
            if text == "all" { return Set(VaultCore.Use.allCases) }
            if text == "none" { return [] }
            let words = text.split(whereSeparator: { $0 == "," || $0 == " " })
            return Set(
                try words.map { word in
                    guard let use = VaultCore.Use(rawValue: String(word)) else {
                        throw Failure.usage("unknown use '\(word)'")
                            .next("use --allow exec,proxy,request,token, or all, or none")
                    }
                    return use
                })
        }
    }
}
