import VaultCore
import VaultLedger
import VaultMemory

extension Context {
    /// Makes the member replace a first passphrase, and offers to replace a recovery code that was used.
    ///
    /// - Parameter kind: The kind of slot that the command itself replaces; for it there is no prompt.
    func promptForReplacement(
        after session: Session, _ method: UnlockMethod, _ vault: Vault, replacing kind: SlotCommand.Kind?
    ) throws {
        guard let slot = session.slot else { return }
        if session.mustReplacePassphrase, kind != .passphrase {
            try replaceFirstPassphrase(slot, session, vault)
        } else if case .recovery = method, kind != .recovery {
            try offerRecovery(slot, session, vault)
        }
    }

    /// Makes a member choose their own passphrase, because the agent does not accept the first one.
    ///
    /// - Returns: The credential that unlocks now.
    func ownPassphrase(
        of member: LedgerState.Member, _ first: Credential, _ vault: Vault
    ) throws -> Credential {
        let session = try vault.unlock(member, with: first)
        guard session.mustReplacePassphrase, let slot = session.slot else { return first }
        return try replaceFirstPassphrase(slot, session, vault)
    }

    /// The admin who added the member knows the first passphrase, so it is replaced before anything else is done.
    @discardableResult
    private func replaceFirstPassphrase(
        _ slot: Identifier, _ session: Session, _ vault: Vault
    ) throws -> Credential {
        guard isInteractive else {
            throw VaultError.unlock(.mustReplacePassphrase(member: session.member.name))
        }
        let terminal = try Terminal(for: CommandSecrets.newPassphrase, noInput: options.noInput)
        terminal.write("An admin chose this passphrase. Choose your own to continue.\n")
        let label = "New passphrase of \(session.member.name)"
        let typed = SharedSecret(try HiddenPrompt(label: label, confirms: true).ask(on: terminal))
        let made = try NewCredential.passphrase(typed)
        try vault.perform(ReplaceSlot(slot, with: made.credential), as: session)
        terminal.write("Passphrase replaced.\n")
        return made.credential
    }

    private func offerRecovery(_ slot: Identifier, _ session: Session, _ vault: Vault) throws {
        guard isInteractive else { return warnOfRecovery() }
        let terminal = try Terminal(for: "an answer", noInput: options.noInput)
        let question = "You used the recovery code. Replace it with a new one?"
        guard try LinePrompt.confirm(question, on: terminal) else { return warnOfRecovery() }
        _ = try NewRecoveryCode.replaced(to: nil, self) {
            try vault.perform(ReplaceSlot(slot, with: $0), as: session)
        }
    }

    func warnOfRecovery() {
        ErrorReport.warn(
            "a recovery code was used, which the ledger records; replace it: vault slot change recovery")
    }
}
