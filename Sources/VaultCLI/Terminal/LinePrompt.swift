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
            let line = try readLine(questionText(hint: nil), .one, terminal)
            let answer = LinePrompt.trimmed(line)
            if answer == "?", showHelp(terminal) { continue }
            if answer.isEmpty {
                if let defaultValue { return defaultValue }
                if isOptional { return "" }
                terminal.write("An answer is required\(help == nil ? "" : "; ? shows help").\n")
                continue
            }
            guard !choices.isEmpty else { return answer }
            if let name = chosen(answer) { return name }
            terminal.write(invalidChoice(answer))
        }
    }

    /// Reads several answers, separated by commas or one per line until an empty line.
    func askList(on terminal: borrowing Terminal) throws(TerminalError) -> [String] {
        var items: [String] = []
        showChoices(terminal)
        while true {
            let text =
                items.isEmpty
                ? questionText(hint: "separate with commas or lines; end with an empty line") : "  next: "
            let line = try readLine(text, .list, terminal)
            if LinePrompt.trimmed(line) == "?", showHelp(terminal) { continue }
            let parts = line.split(separator: ",").map { LinePrompt.trimmed(String($0)) }.filter {
                !$0.isEmpty
            }
            if parts.isEmpty {
                if items.isEmpty, let defaultValue { return [defaultValue] }
                if !items.isEmpty || isOptional {
                    terminal.dropTypedAhead()
                    return items
                }
                terminal.write("At least one is required.\n")
                continue
            }
            for part in parts {
                let item = choices.isEmpty ? part : chosen(part)
                guard let item else {
                    terminal.write(invalidChoice(part))
                    continue
                }
                if !items.contains(item) { items.append(item) }
            }
        }
    }

    /// Asks for a confirmation, which only `yes` and `y` give.
    static func confirm(_ text: String, on terminal: borrowing Terminal) throws(TerminalError) -> Bool {
        let prompt = LinePrompt(label: "\(text) (yes or no)", defaultValue: "no")
        return ["y", "yes"].contains(try prompt.ask(on: terminal).lowercased())
    }

    private func questionText(hint: String?) -> String {
        let hints = [help == nil ? nil : "? for help", hint].compactMap { $0 }.joined(separator: "; ")
        let shown = defaultValue.map { " [\(SafeText.escaped($0))]" } ?? ""
        return SafeText.escaped(label) + shown + (hints.isEmpty ? "" : " (\(hints))") + ": "
    }

    private func showChoices(_ terminal: borrowing Terminal) {
        for (index, choice) in choices.enumerated() {
            let title = choice.title.map { "  \(SafeText.escaped($0))" } ?? ""
            terminal.write("  \(index + 1)  \(SafeText.escaped(choice.name))\(title)\n")
        }
    }

    private func showHelp(_ terminal: borrowing Terminal) -> Bool {
        guard let help else { return false }
        terminal.write(HelpText.safe(help()))
        return true
    }

    private func chosen(_ answer: String) -> String? {
        if let exact = choices.first(where: { $0.name == answer }) { return exact.name }
        if let number = Int(answer), choices.indices.contains(number - 1) { return choices[number - 1].name }
        return choices.first { $0.name.lowercased() == answer.lowercased() }?.name
    }

    private func invalidChoice(_ answer: String) -> String {
        let near = Name.nearest(to: answer, among: choices.map(\.name), limit: 1).map {
            " Did you mean \(SafeText.escaped($0))?"
        }
        return "\(SafeText.escaped(answer)) is not one of the choices.\(near.joined())\n"
    }

    private func readLine(
        _ text: String, _ lines: LineEditor.Lines, _ terminal: borrowing Terminal
    ) throws(TerminalError) -> String {
        let question = Question(text: text, lines: lines, echo: true)
        var buffer = [UInt8](repeating: 0, count: LinePrompt.limit + 1)
        while true {
            var result = Result<Question.Reading, TerminalError>.failure(.canceled)
            unsafe buffer.withUnsafeMutableBytes { bytes in
                do throws(TerminalError) {
                    result = .success(try unsafe question.read(from: terminal, into: bytes))
                } catch {
                    result = .failure(error)
                }
            }
            switch try result.get() {
            case .answer(let length): return String(decoding: buffer.prefix(length), as: UTF8.self)
            case .severalLines:
                terminal.write("Discarded: only one line is allowed here. Try again:\n")
            case .tooLong: terminal.write("Discarded: too long. Try again:\n")
            }
        }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
