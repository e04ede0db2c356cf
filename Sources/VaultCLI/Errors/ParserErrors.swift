import ArgumentParser
import VaultRegistry

/// Turns the argument parser's errors into failures of this program.
///
/// An argument that the parser can't place, or a value that it rejects, may be a mistyped secret, so it is not repeated
/// (case 53). Exceptions are a typo of a command, and an unknown option that looks like one.
enum ParserErrors {
    static func failure(_ message: String, _ arguments: [String]) -> Failure {
        let (words, command, unknown) = place(arguments)
        let name = words.joined(separator: " ")
        let names = command.configuration.subcommands.map { $0._commandName }
        guard let unknown, !names.isEmpty else {
            return Failure(.usage, text(message, name, command), next: "\(name) --help")
        }
        guard let near = Name.nearest(to: unknown, among: names, limit: 1).first else {
            return Failure(.usage, "unknown command", next: "\(name) --help")
        }
        return Failure(
            .usage, "unknown command '\(unknown)'; did you mean '\(near)'?", next: "\(name) \(near) --help")
    }

    /// The parser's message for an option that it doesn't know.
    static let unknown = "Unknown option '-'"

    /// Whether help or the version was asked for.
    ///
    /// The parser takes every word of one hyphen with an `h` in it for `-h`. A command that did not run must not exit
    /// with 0 (case 92).
    static func asksForHelp(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.allSatisfy {
            $0.utf8.count < 3 || !$0.hasPrefix("-") || $0.hasPrefix("--")
        }
    }

    /// The parser's first line, in this program's form and without what was typed.
    private static func text(
        _ message: String, _ name: String, _ command: any ParsableCommand.Type
    ) -> String {
        var text = message.split(separator: "\n").first.map(String.init) ?? "invalid arguments"
        if text.hasPrefix("Error: ") { text.removeFirst("Error: ".count) }
        if text.hasPrefix("The value '") { return invalidValue(text) }
        if text.hasPrefix("Unknown option '") { return unknownOption(text) }
        if text.hasPrefix("Missing expected argument '") {
            return "missing argument "
                + text.dropFirst("Missing expected argument '".count).prefix { $0 != "'" }
        }
        if text.lowercased().contains("unexpected argument") || text.contains("=") {
            let operands = operands(of: command)
            return "unexpected argument: '\(name)' takes \(operands.isEmpty ? "none" : operands)"
        }
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// The operands in a command's usage line, such as `<name> <field>`.
    private static func operands(of command: any ParsableCommand.Type) -> String {
        var words = command.usageString().split(whereSeparator: \.isWhitespace)[...]
        var operands: [Substring] = []
        _ = words.popFirst()
        while let word = words.popFirst() {
            if word.hasPrefix("[-") {
                if !word.hasSuffix("]") { words = words.drop { !$0.hasSuffix("]") }.dropFirst() }
            } else if word.hasPrefix("-") {
                words = words.dropFirst()
            } else if word.hasPrefix("<") || word.hasPrefix("[<"), word != "[<options>]" {
                operands.append(word)
            }
        }
        return operands.joined(separator: " ")
    }

    /// `The value 'many' is invalid for '--limit <limit>'`, with or without a list of the valid values.
    private static func invalidValue(_ text: String) -> String {
        let middle = "' is invalid for '"
        var rest = Substring(text)
        var tail: Substring?
        while let start = rest.firstIndex(of: "'") {
            rest = rest[start...]
            if rest.hasPrefix(middle) { tail = rest.dropFirst(middle.count) }
            rest = rest.dropFirst()
        }
        guard let tail else { return "invalid value" }
        let parts = tail.split(separator: "'. Please provide one of ", maxSplits: 1)
        guard parts.count == 2 else { return "invalid value for '\(tail)" }
        let choices = parts[1].last == "." ? parts[1].dropLast() : parts[1]
        let words = choices.split(separator: "'").map { $0 == " and " ? " or " : $0 }.joined()
        return "invalid value for '\(parts[0])'; use \(words)"
    }

    /// `Unknown option '--nonsense'`, which may be a password with hyphens in front.
    private static func unknownOption(_ text: String) -> String {
        let tail = text.dropFirst("Unknown option '".count)
        let name = tail.prefix { $0 != "'" }
        guard name.hasPrefix("--"), isWord(name.dropFirst(2)) else { return "unknown option" }
        let near = tail.split(separator: "Did you mean ", maxSplits: 1).dropFirst().first
        return "unknown option '\(name)'" + (near.map { "; did you mean \($0)" } ?? "")
    }

    private static func isWord(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= 22
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// Finds the command that the arguments name, and the word after it that names no subcommand.
    private static func place(
        _ arguments: [String]
    ) -> (words: [String], command: any ParsableCommand.Type, unknown: String?) {
        var words = ["vault"]
        var command: any ParsableCommand.Type = VaultCommand.self
        for word in arguments {
            let next = command.configuration.subcommands.first {
                $0._commandName == word || $0.configuration.aliases.contains(word)
            }
            guard let next else {
                // With a default subcommand the word is its operand.
                let isOperand = word.hasPrefix("-") || command.configuration.defaultSubcommand != nil
                return (words, command, isOperand ? nil : word)
            }
            words.append(word)
            command = next
        }
        return (words, command, nil)
    }
}
