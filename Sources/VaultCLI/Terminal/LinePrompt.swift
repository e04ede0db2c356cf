import VaultRegistry

/// Reads a line on the terminal with echo.
///
/// `?` shows help and asks again; ^D on an empty line and ^C end the command (status 130). A choice is answered with
/// its number or its name; an empty answer takes the default, if there is one.
struct LinePrompt {
    /// A valid answer.
    struct Choice: Sendable {
        let name: String
        /// A description, unless the name says enough.
        let title: String?

        init(_ name: String, title: String? = nil) {
            self.name = name
            self.title = title
        }
    }

    private static let limit = 16_384

    let label: String
    var defaultValue: String?
    var choices: [Choice] = []
    /// Whether an empty answer is valid.
    var isOptional = false
    var help: (() -> String)?

    /// Reads one answer.
    func ask(on terminal: borrowing Terminal) throws(TerminalError) -> String {
        showChoices(terminal)
        while true {
            let answer = LinePrompt.trimmed(try read(question(.one), terminal))
            if answer == "?", showHelp(terminal) { continue }
            if answer.isEmpty {
                if let defaultValue { return defaultValue }
                if isOptional { return "" }
                terminal.write("An answer is required\(help == nil ? "" : "; ? shows help").\n")
            } else if let name = chosen(answer, terminal) {
                return name
            }
        }
    }

    /// Reads several answers, separated by commas or one per line until an empty line.
    func askList(on terminal: borrowing Terminal) throws(TerminalError) -> [String] {
        var items: [String] = []
        showChoices(terminal)
        let first = question(.list, hint: "separate with commas or lines; end with an empty line")
        let others = Question(label: "  next", lines: .list, echo: true)
        while true {
            let line = try read(items.isEmpty ? first : others, terminal)
            if LinePrompt.trimmed(line) == "?", showHelp(terminal) { continue }
            let parts = line.split(separator: ",").map { LinePrompt.trimmed(String($0)) }
            for part in parts where !part.isEmpty {
                if let item = chosen(part, terminal), !items.contains(item) { items.append(item) }
            }
            guard parts.allSatisfy(\.isEmpty) else { continue }
            if items.isEmpty, let defaultValue { return [defaultValue] }
            if !items.isEmpty || isOptional {
                terminal.dropTypedAhead()
                return items
            }
            terminal.write("At least one is required.\n")
        }
    }

    /// Asks for a confirmation, which only `yes` and `y` give.
    static func confirm(_ text: String, on terminal: borrowing Terminal) throws(TerminalError) -> Bool {
        let prompt = LinePrompt(label: "\(text) (yes or no)", defaultValue: "no")
        return ["y", "yes"].contains(try prompt.ask(on: terminal).lowercased())
    }

    private func question(_ lines: LineEditor.Lines, hint: String? = nil) -> Question {
        let shown = defaultValue.map { " [\(SafeText.escaped($0))]" } ?? ""
        return Question(
            label: SafeText.escaped(label) + shown, hints: [help == nil ? nil : "? for help", hint],
            lines: lines, echo: true)
    }

    private func showChoices(_ terminal: borrowing Terminal) {
        for (index, choice) in choices.enumerated() {
            let title = choice.title.map { "  \(SafeText.escaped($0))" } ?? ""
            terminal.write("  \(index + 1)  \(SafeText.escaped(choice.name))\(title)\n")
        }
    }

    private func showHelp(_ terminal: borrowing Terminal) -> Bool {
        guard let help else { return false }
        terminal.writeHelp(help())
        return true
    }

    /// The choice that the answer names, or nil after a message.
    private func chosen(_ answer: String, _ terminal: borrowing Terminal) -> String? {
        if choices.isEmpty { return answer }
        if let exact = choices.first(where: { $0.name == answer }) { return exact.name }
        if let number = Int(answer), choices.indices.contains(number &- 1) { return choices[number - 1].name }
        let same = choices.first { $0.name.lowercased() == answer.lowercased() }
        if let same { return same.name }
        let near = Name.nearest(to: answer, among: choices.map(\.name), limit: 1).map {
            " Did you mean \(SafeText.escaped($0))?"
        }
        terminal.write("\(SafeText.escaped(answer)) is not one of the choices.\(near.joined())\n")
        return nil
    }

    private func read(_ question: Question, _ terminal: borrowing Terminal) throws(TerminalError) -> String {
        var buffer = [UInt8](repeating: 0, count: LinePrompt.limit + 1)
        let length = unsafe try buffer.withUnsafeMutableBufferPointer { bytes throws(TerminalError) in
            unsafe try question.read(from: terminal, into: UnsafeMutableRawBufferPointer(bytes))
        }
        return String(decoding: buffer.prefix(length), as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
