import ArgumentParser
import VaultCore

/// The options of `create`, `edit` and `clone`, for connections and OAuth 2.0 clients.
struct OwnerOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: .init("Set a setting; repeatable, also for the values of a list.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        name: .customLong("secret"),
        help: .init(
            "Read a secret from prompt, stdin, file:PATH or fd:N; repeatable.", valueName: "field=source"))
    var secrets: [String] = []

    @Flag(help: "Keep the final newline of a secret from stdin or a file.")
    var keepNewline = false

    @Flag(help: "Deposit the secrets without opening the master key, as a writer does.")
    var deposit = false
}

/// The filters of `list`.
struct ListOptions: ParsableArguments {
    @Option(help: "Only those of this connector.") var connector: String?
    @Option(help: .init("Only those with this tag; repeatable.", valueName: "key=value"))
    var tag: [String] = []
    @Option(help: "Only those with these words (or prefixes) in the name, settings, tags or note.")
    var search: String?
    @Option(help: "Print at most this many.") var limit: Int?
    @Option(help: .init("Continue after this name, the last of the previous page.", valueName: "name"))
    var after: String?

    func filter() throws -> OwnerFilter {
        var filter = OwnerFilter()
        filter.connector = connector
        filter.tags = try Assignments.tags(tag)
        filter.search = search
        try require(limit ?? 1 >= 1, "--limit must be at least 1", next: "omit it for all")
        filter.limit = limit
        filter.after = after
        return filter
    }
}
