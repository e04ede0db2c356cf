import ArgumentParser
import VaultRegistry

/// What the argument parser says, in this program's form.
///
/// An argument that the parser could not place, or a value that does not fit, may be a secret that somebody typed:
/// none of them is repeated (case 53). What is repeated are words of this program: commands, and options that look
/// like some.
enum Usage {
    static func failure(_ message: String, _ arguments: [String]) -> Failure {
        let (words, command, misfit) = place(arguments)
        let name = words.joined(separator: " ")
        let names = command.configuration.subcommands.map { $0._commandName }
        guard let misfit, !names.isEmpty else {
            return Failure(.usage, text(message), next: "\(name) --help")
        }
        let near = Name.nearest(to: misfit, among: names, limit: 1).map { "did you mean '\(name) \($0)'? " }
            .joined()
        return Failure(.usage, "'\(name)' has no such command", next: "\(near)\(name) --help")
    }

    /// What the parser says of an option that it does not know.
    static let unknown = "Unknown option '-'"

    /// Whether help or the version is a result: the parser gives help for every word of one hyphen with an `h` in it, and a
    /// command that was not run must not end with 0 (case 92).
    static func asksForHelp(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.allSatisfy {
            $0.utf8.count < 3 || !$0.hasPrefix("-") || $0.hasPrefix("--")
        }
    }

    /// The parser's first line, without what was typed.
    private static func text(_ message: String) -> String {
        var text = message.split(separator: "\n").first.map(String.init) ?? "the arguments do not fit"
        if text.hasPrefix("Error: ") { text.removeFirst("Error: ".count) }
        if text.hasPrefix("The value '") { return misfit(text) }
        if text.hasPrefix("Unknown option '") { return unknownOption(text) }
        if text.lowercased().contains("unexpected argument") || text.contains("=") {
            return "there is an argument too many, or a value where none belongs"
        }
        return text
    }

    /// `The value 'many' is invalid for '--limit <limit>'`, and perhaps what would fit.
    private static func misfit(_ text: String) -> String {
        let middle = "' is invalid for '"
        var rest = Substring(text)
        var tail: Substring?
        while let start = rest.firstIndex(of: "'") {
            rest = rest[start...]
            if rest.hasPrefix(middle) { tail = rest.dropFirst(middle.count) }
            rest = rest.dropFirst()
        }
        return tail.map { "that value is invalid for '\($0)" } ?? "there is a value that does not fit"
    }

    /// `Unknown option '--nonsense'`, which may be a password with hyphens in front.
    private static func unknownOption(_ text: String) -> String {
        let name = text.dropFirst("Unknown option '".count).prefix { $0 != "'" }
        let isWord = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
        return name.hasPrefix("--") && name.utf8.count <= 24 && isWord ? text : "there is an unknown option"
    }

    /// The command that the arguments name, and the word behind it that names none.
    private static func place(
        _ arguments: [String]
    ) -> (words: [String], command: any ParsableCommand.Type, misfit: String?) {
        var words = ["vault"]
        var command: any ParsableCommand.Type = VaultCommand.self
        for word in arguments {
            let next = command.configuration.subcommands.first {
                $0._commandName == word || $0.configuration.aliases.contains(word)
            }
            guard let next else {
                // Where a command may be left out, the word is an operand of it.
                let isOperand = word.hasPrefix("-") || command.configuration.defaultSubcommand != nil
                return (words, command, isOperand ? nil : word)
            }
            words.append(word)
            command = next
        }
        return (words, command, nil)
    }
}
