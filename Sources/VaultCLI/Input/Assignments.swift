import VaultCore

/// Parses KEY=VALUE arguments: settings, tags, and secrets with their sources.
enum Assignments {
    private static let examples = [
        "--set": "domain=team.eu-1.celonis.cloud", "--secret": "app-key=stdin", "--tag": "team=finance",
        "--rotate-every": "app-key=90d",
    ]

    /// Settings as typed; the values of a key keep their order.
    static func settings(_ arguments: [String]) throws -> [String: [String]] {
        var settings: [String: [String]] = [:]
        for (key, value) in try pairs(arguments, option: "--set") { settings[key, default: []].append(value) }
        return settings
    }

    /// Secrets as FIELD=SOURCE. `SecretArguments` has rejected sources that may be secrets.
    static func sources(_ arguments: [String]) throws -> [String: SecretSource] {
        var sources: [String: SecretSource] = [:]
        for (field, text) in try pairs(arguments, option: "--secret") {
            guard sources[field] == nil else {
                throw Failure(.usage, "--secret \(field) appears twice", next: "pass it once")
            }
            sources[field] = try SecretSource(
                text, option: "--secret \(field)", example: "--secret \(field)=")
        }
        return sources
    }

    static func tags(_ arguments: [String]) throws -> [Owner.Tag] {
        try pairs(arguments, option: "--tag").map { Owner.Tag(key: $0.key, value: $0.value) }
    }

    /// Splits arguments at their first `=`.
    ///
    /// - Throws: A usage failure with a problem for each malformed argument.
    static func pairs(_ arguments: [String], option: String) throws -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        var problems: [Failure.Problem] = []
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty {
                pairs.append((String(parts[0]), String(parts[1])))
            } else {
                problems.append(
                    .init(
                        "\(option) takes KEY=VALUE",
                        next: "for example \(option) \(examples[option] ?? "KEY=VALUE")"))
            }
        }
        guard problems.isEmpty else { throw Failure(.usage, problems: problems) }
        return pairs
    }
}
