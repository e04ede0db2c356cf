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
            if SecretBytes.equal(secret, again) { return secret }
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
        let question = Question(
            label: label, hints: hints, lines: lines, echo: false, offersHelp: help != nil)
        while true {
            var length = 0
            let held = unsafe try SecretBytes(count: HiddenPrompt.limit + 1) { buffer throws(TerminalError) in
                unsafe length = try question.read(from: terminal, into: buffer)
            }
            if let help, length == 1, byte(0, of: held) == UInt8(ascii: "?") {
                terminal.writeHelp(help())
                continue
            }
            let endsLine = lines == .several && length > 0 && byte(length - 1, of: held) == 0x0A
            return held.clone(0..<(endsLine && !keepsNewline ? length - 1 : length))
        }
    }

    private func byte(_ index: Int, of secret: borrowing SecretBytes) -> UInt8 {
        unsafe secret.withUnsafeBytes { unsafe $0[index] }
    }
}
