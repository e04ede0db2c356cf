/// Looks for secrets among the arguments, before anything parses, logs or repeats them (cases 53, 54).
enum SecretArguments {
    /// Options whose value is a SOURCE, and those whose value is FIELD=SOURCE.
    private static let plain = [
        "--from", "--passphrase-from", "--admin-passphrase-from", "--recovery-from",
    ]
    private static let named = ["--secret"]

    /// Why the arguments (without the program's name) cannot stand, nil when they can.
    ///
    /// What follows `--` belongs to a child and is not looked at. No message repeats a value; a field's name is
    /// repeated only when it looks like one.
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
            return misfit(value)?.problem(option: option, example: "\(option) ")
        }
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, isField(parts[0]), !parts[1].isEmpty else {
            let misfit = parts.count == 2 ? self.misfit(String(parts[1])) : .literal
            return (misfit ?? .literal).problem(option: option, example: "\(option) FIELD=")
        }
        let example = "\(option) \(parts[0])="
        return misfit(String(parts[1]))?.problem(option: "\(option) \(parts[0])", example: example)
    }

    private static func misfit(_ value: String) -> SecretSource.Misfit? {
        do {
            _ = try SecretSource(parsing: value)
            return nil
        } catch {
            return error
        }
    }

    /// Short, lower case, and beginning with a letter: a name, and no key or password.
    private static func isField(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 32 else {
            return false
        }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
}
