import VaultCore

/// Parses KEY=VALUE arguments: settings, tags, and secrets with their sources.
enum Assignments {
    /// Settings as typed; the values of a key keep their order.
    static func settings(_ arguments: [String]) throws -> [String: [String]] {
        let pairs = try pairs(arguments, option: "--set", example: "domain=team.eu-1.celonis.cloud")
        return Dictionary(grouping: pairs) { $0.key }.mapValues { $0.map { $0.value } }
    }

    /// Secrets as FIELD=SOURCE. `SecretSource.failure(in:)` has rejected sources that may be secrets.
    static func sources(_ arguments: [String]) throws -> [String: SecretSource] {
        var sources: [String: SecretSource] = [:]
        for (field, text) in try pairs(arguments, option: "--secret", example: "app-key=stdin") {
            let option = "--secret \(field)"
            try require(sources[field] == nil, "\(option) appears twice", next: "pass it once")
            sources[field] = try SecretSource(text, option: option, example: option + "=")
        }
        return sources
    }

    static func tags(_ arguments: [String]) throws -> [Owner.Tag] {
        try pairs(arguments, option: "--tag", example: "team=finance").map {
            Owner.Tag(key: $0.key, value: $0.value)
        }
    }

    /// Splits arguments at their first `=`.
    ///
    /// - Throws: A usage failure with a problem for each malformed argument.
    static func pairs(
        _ arguments: [String], option: String, example: String
    ) throws -> [(key: String, value: String)] {
        let halves = arguments.map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        let problems = halves.filter { $0.count < 2 || $0[0].isEmpty }.map { _ in
            Failure.Problem("\(option) takes KEY=VALUE", next: "for example \(option) \(example)")
        }
        guard problems.isEmpty else { throw Failure(.usage, problems: problems) }
        return halves.map { (String($0[0]), String($0[1])) }
    }
}
