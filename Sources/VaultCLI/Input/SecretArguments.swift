/// Rejects secrets among the arguments before anything parses, logs or repeats them (cases 53, 54).
enum SecretArguments {
    /// Options whose value is a SOURCE.
    private static let plain = [
        "--from", "--passphrase-from", "--admin-passphrase-from", "--recovery-from",
    ]
    /// Options whose value is FIELD=SOURCE.
    private static let named = ["--secret"]

    /// Checks the arguments up to `--`; the rest belongs to a child.
    ///
    /// - Returns: The failure, or nil. No message repeats a value; a field's name is repeated only if it looks like one.
    static func check(_ arguments: [String]) -> Failure? {
        var problems: [Failure.Problem] = []
        var rest = arguments.prefix { $0 != "--" }[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let option = String(parts[0])
            guard plain.contains(option) || named.contains(option) else { continue }
            let attached = parts.count > 1 ? String(parts[1]) : nil
            guard let value = attached ?? rest.popFirst() else { continue }
            if let problem = problem(option, value) { problems.append(problem) }
        }
        return problems.isEmpty ? nil : Failure(.usage, problems: problems)
    }

    private static func problem(_ option: String, _ value: String) -> Failure.Problem? {
        guard named.contains(option) else {
            return parseError(value)?.problem(option: option, example: "\(option) ")
        }
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, isField(parts[0]), !parts[1].isEmpty else {
            let error = parts.count == 2 ? parseError(String(parts[1])) : .literal
            return (error ?? .literal).problem(option: option, example: "\(option) FIELD=")
        }
        let example = "\(option) \(parts[0])="
        return parseError(String(parts[1]))?.problem(option: "\(option) \(parts[0])", example: example)
    }

    private static func parseError(_ value: String) -> SecretSource.ParseError? {
        do {
            _ = try SecretSource(parsing: value)
            return nil
        } catch {
            return error
        }
    }

    /// Whether the text is short, lower case and begins with a letter, as field names do and few passwords do.
    private static func isField(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 32 else {
            return false
        }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
}
