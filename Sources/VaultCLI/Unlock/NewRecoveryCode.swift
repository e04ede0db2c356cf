import VaultCore
import VaultLedger
import VaultMemory

/// A new recovery code, which is handed over once and confirmed.
struct NewRecoveryCode {
    private let code: SharedSecret?
    private let path: String?

    init(
        _ context: Context, wanted: Bool, path: String?,
        hint: String = "add --recovery-to recovery-code.txt, or --no-recovery"
    ) throws {
        guard !wanted || path != nil || context.isInteractive else {
            throw Failure(.usage, "can't show the recovery code: no terminal, or --no-input", next: hint)
        }
        code = wanted ? RecoveryCodes.make() : nil
        self.path = path
    }

    /// Hands a new code over, and then stores the slot that it opens.
    static func replaced(
        to path: String?, _ context: Context, _ store: (Credential) throws -> Identifier
    ) throws -> Identifier {
        let recovery = try NewRecoveryCode(
            context, wanted: true, path: path, hint: "add --to recovery-code.txt")
        var files = NewFiles()
        try recovery.handOver(&files)
        return try context.change(with: files) { try store(recovery.credentials[0]) }
    }

    var credentials: [Credential] { code.map { [.recovery($0)] } ?? [] }

    /// Shows the code on the terminal, or writes it to its file.
    ///
    /// The code is never shown again. Call this before its slot is stored: a slot without a known code is useless. If it
    /// can't be handed over, the files are removed.
    func handOver(_ files: inout NewFiles) throws {
        do {
            if let code { try handOver(code, &files) }
        } catch {
            files.remove()
            throw error
        }
    }

    private func handOver(_ code: SharedSecret, _ files: inout NewFiles) throws {
        if let path {
            try RecoveryCodes.write(RecoveryCodes.text(of: code), to: path)
            files.paths.append(path)
            ErrorReport.warn("the recovery code is in \(path); move it to a safe place, away from the vault")
            return
        }
        let text = RecoveryCodes.text(of: code)
        let terminal = try Terminal(for: "the recovery code")
        terminal.write(
            "Recovery code, shown only once. Write it down, and keep it away from the vault:\n\n  ")
        unsafe text.bytes.withUnsafeBytes { bytes in
            _ = unsafe Descriptor.write(bytes, to: terminal.descriptor)
        }
        terminal.write("\n\n")
        for _ in 0..<3 {
            let typed = try HiddenPrompt(label: "Enter the recovery code to confirm it").ask(on: terminal)
            if RecoveryCodes.isSame(typed, code) { return terminal.write("The recovery code is correct.\n") }
            terminal.write("The recovery codes don't match.\n")
        }
        ErrorReport.warn("the recovery code was not confirmed; your copy may be wrong")
    }
}
