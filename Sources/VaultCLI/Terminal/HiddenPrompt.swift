import VaultMemory

/// Reads a secret on the terminal without echo, so that not even its length is shown.
///
/// `?` and Enter shows help and asks again, so a secret that is exactly `?` can't be typed (a SOURCE can provide it).
/// A field of several lines ends with ^D on an empty line.
struct HiddenPrompt {
    /// The longest secret, in bytes.
    static let limit = 65_536

    /// The name of the secret, such as `App key of Celonis prod`.
    let label: String
    var lines: LineEditor.Lines = .one
    /// Keeps the last line break of a secret of several lines.
    var keepsNewline = false
    /// Asks twice, for a new secret that can't be checked otherwise.
    var confirms = false
    var help: (() -> String)?

    /// Reads the secret, as typed or pasted.
    ///
    /// - Throws: `mismatch` after three different pairs; `canceled`, `interrupted` or `failed` from the terminal.
    func ask(on terminal: borrowing Terminal) throws(TerminalError) -> SecretBytes {
        for _ in 0..<3 {
            let secret = try askOnce(SafeText.escaped(label), terminal)
            guard confirms else { return secret }
            let again = try askOnce("\(SafeText.escaped(label)), again", terminal)
            if same(secret, again) { return secret }
            let isPassphrase = label.hasPrefix("New passphrase")
            terminal.write("\(isPassphrase ? "Passphrases" : "The entries") don't match. Try again:\n")
        }
        throw .mismatch(what: label)
    }

    private func askOnce(_ label: String, _ terminal: borrowing Terminal) throws(TerminalError) -> SecretBytes
    {
        let hints = [
            help == nil ? nil : "? for help", lines == .several ? "end with ^D on an empty line" : nil,
        ]
        let hint = hints.compactMap { $0 }.joined(separator: "; ")
        let question = Question(
            text: hint.isEmpty ? "\(label): " : "\(label) (\(hint)): ", lines: lines, echo: false,
            offersHelp: help != nil)
        while true {
            var reading = Question.Reading.tooLong
            let held = unsafe try SecretBytes(count: HiddenPrompt.limit + 1) { buffer throws(TerminalError) in
                unsafe reading = try question.read(from: terminal, into: buffer)
            }
            switch reading {
            case .severalLines:
                terminal.write("Discarded: only one line is allowed here. Try again:\n")
            case .tooLong:
                terminal.write("Discarded: longer than \(HiddenPrompt.limit) bytes. Try again:\n")
            case .answer(let length):
                if let help, length == 1, byte(0, of: held) == UInt8(ascii: "?") {
                    terminal.write(HelpText.safe(help()))
                    continue
                }
                return held.clone(0..<kept(length, held))
            }
        }
    }

    private func kept(_ length: Int, _ held: borrowing SecretBytes) -> Int {
        let ends = lines == .several && !keepsNewline && length > 0 && byte(length - 1, of: held) == 0x0A
        return ends ? length - 1 : length
    }

    private func byte(_ index: Int, of secret: borrowing SecretBytes) -> UInt8 {
        unsafe secret.withUnsafeBytes { unsafe $0[index] }
    }

    private func same(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<one.count { difference |= byte(index, of: one) ^ byte(index, of: other) }
        return difference == 0
    }
}

/// The help text of a connector file: line breaks are kept, everything else is escaped.
enum HelpText {
    static func safe(_ text: String) -> String {
        var safe = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            safe += "  \(SafeText.escaped(String(line)))\n"
        }
        return safe
    }
}
