import VaultCore
import VaultMemory

/// The recovery code of a new vault: made, handed over once, and asked back to be sure.
struct Recovery {
    private let code: SharedSecret?
    private let path: String?

    init(_ context: Context, wanted: Bool, path: String?) throws {
        self.path = path
        guard wanted else {
            code = nil
            return
        }
        guard path != nil || context.isInteractive else {
            throw Failure(
                .usage, "the recovery code needs a terminal to be shown on",
                next: "--recovery-to PATH to write it to a file, or --no-recovery to go without one")
        }
        code = RecoveryCodes.make()
    }

    var credentials: [Credential] { code.map { [.recovery($0)] } ?? [] }

    /// Shows or writes the code. It is never stored, and never shown again.
    mutating func handOver() throws {
        guard let code else { return }
        let text = RecoveryCodes.text(of: code)
        if let path {
            do throws(VaultError) {
                try RecoveryCodes.write(text, to: path)
            } catch {
                throw Failure(error)
            }
            ErrorReport.warn("the recovery code is in \(path): move it to a safe place, away from the vault")
            return
        }
        let terminal = try Terminal(for: "the recovery code")
        terminal.say("Recovery code, shown this once. Write it down, and keep it away from the vault:\n\n  ")
        unsafe text.bytes.withUnsafeBytes { bytes in
            _ = unsafe Descriptor.write(bytes, to: terminal.descriptor)
        }
        terminal.say("\n\n")
        for _ in 0..<3 {
            let typed = try HiddenPrompt(label: "Type it back, to be sure").ask(on: terminal)
            if RecoveryCodes.isSame(typed, code) { return terminal.say("It is right.\n") }
            terminal.say("That is not it.\n")
        }
        ErrorReport.warn("the recovery code was not typed back; what is written down may be wrong")
    }
}
