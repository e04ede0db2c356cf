/// Arguments of the form KEY=VALUE: settings, tags, and secrets with their sources.
enum Assignments {
    private static let examples = [
        "--set": "domain=team.eu-1.celonis.cloud", "--secret": "app-key=stdin", "--tag": "team=finance",
        "--rotate-every": "app-key=90d",
    ]

    /// Settings as they were typed, in the order given for each key; every malformed one is a problem.
    static func settings(_ arguments: [String]) throws(Failure) -> [String: [String]] {
        var settings: [String: [String]] = [:]
        for (key, value) in try pairs(arguments, option: "--set") { settings[key, default: []].append(value) }
        return settings
    }

    /// FIELD=SOURCE; the values were looked at before by `SecretArguments`.
    static func sources(_ arguments: [String]) throws(Failure) -> [String: SecretSource] {
        var sources: [String: SecretSource] = [:]
        for (field, text) in try pairs(arguments, option: "--secret") {
            guard sources[field] == nil else {
                throw Failure(.usage, "--secret \(field) is given twice", next: "give it once")
            }
            do throws(SecretSource.Misfit) {
                sources[field] = try SecretSource(parsing: text)
            } catch {
                let problem = error.problem(option: "--secret \(field)", example: "--secret \(field)=")
                throw Failure(.usage, problems: [problem])
            }
        }
        return sources
    }

    static func pairs(_ arguments: [String], option: String) throws(Failure) -> [(key: String, value: String)]
    {
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
