extension SecretSource {
    /// Options that take a SOURCE.
    private static let plainOptions = [
        "--from", "--passphrase-from", "--admin-passphrase-from", "--recovery-from",
    ]
    /// The option that takes FIELD=SOURCE.
    private static let fieldOption = "--secret"

    /// Rejects secrets among the arguments, before anything parses, logs or repeats them (cases 53, 54).
    ///
    /// - Parameter arguments: The arguments, of which those after `--` are not checked: they belong to a child.
    /// - Returns: The failure, or nil. No message repeats a value; a field's name is repeated only if it looks like one.
    static func failure(in arguments: [String]) -> Failure? {
        var problems: [Failure.Problem] = []
        var rest = arguments.prefix { $0 != "--" }[...]
        while let argument = rest.popFirst() {
            let (option, attached) = halves(argument)
            guard plainOptions.contains(option) || option == fieldOption,
                let value = attached ?? rest.popFirst()
            else { continue }
            problems += option == fieldOption ? problemsOfField(value) : self.problems(value, option)
        }
        return problems.isEmpty ? nil : Failure(.usage, problems: problems)
    }

    /// The text before and after the first `=`.
    private static func halves(_ text: String) -> (String, String?) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    }

    private static func problems(
        _ text: String, _ option: String, example: String? = nil
    ) -> [Failure.Problem] {
        do {
            _ = try SecretSource(text, option: option, example: example)
            return []
        } catch {
            return error.problems
        }
    }

    private static func problemsOfField(_ value: String) -> [Failure.Problem] {
        let (field, source) = halves(value)
        if isField(field), let source, !source.isEmpty {
            return problems(source, "\(fieldOption) \(field)", example: "\(fieldOption) \(field)=")
        }
        let example = "\(fieldOption) FIELD="
        let found = problems(source ?? "", fieldOption, example: example)
        return found.isEmpty ? problems("", fieldOption, example: example) : found
    }

    /// Whether the text is short, lower case and begins with a letter, as field names do and few passwords do.
    private static func isField(_ text: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard let first = text.utf8.first, text.utf8.count <= 32 else { return false }
        return letters.contains(first)
            && text.utf8.allSatisfy {
                letters.contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
