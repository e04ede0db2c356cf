import VaultCore
import VaultLedger
import VaultMemory

/// A new recovery code: made, handed over once, and asked back to be sure.
struct Recovery {
    private let code: SharedSecret?
    private let path: String?

    init(
        _ context: Context, wanted: Bool, path: String?,
        hint: String = "--recovery-to PATH to write it to a file, or --no-recovery to go without one"
    ) throws {
        self.path = path
        guard wanted else {
            code = nil
            return
        }
        guard path != nil || context.isInteractive else {
            throw Failure(
                .usage, "the recovery code needs a terminal to be shown on",
                next: hint)
        }
        code = RecoveryCodes.make()
    }

    /// Hands a new code over, and makes the slot that it opens.
    static func replaced(
        to path: String?, _ context: Context, _ store: (Credential) throws(VaultError) -> Identifier
    ) throws -> Identifier {
        let recovery = try Recovery(
            context, wanted: true, path: path, hint: "--to PATH, to write it to a file")
        var files = NewFiles()
        do {
            try recovery.handOver(&files)
        } catch {
            files.remove()
            throw error
        }
        return try context.change(with: files) { () throws(VaultError) in
            try store(recovery.credentials[0])
        }
    }

    var credentials: [Credential] { code.map { [.recovery($0)] } ?? [] }

    /// Shows the code, or writes it to its file and says where that is. It is never stored, and never shown again.
    ///
    /// Before the slot is made that it opens: a slot whose code was never shown is no way back.
    func handOver(_ files: inout NewFiles) throws {
        guard let code else { return }
        if let path {
            do throws(VaultError) {
                try RecoveryCodes.write(RecoveryCodes.text(of: code), to: path)
            } catch {
                throw Failure(error)
            }
            files.add(path)
            ErrorReport.warn("the recovery code is in \(path): move it to a safe place, away from the vault")
            return
        }
        let text = RecoveryCodes.text(of: code)
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
