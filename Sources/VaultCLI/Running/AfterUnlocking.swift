import VaultCore
import VaultLedger
import VaultMemory

// What a member has to hear right after they unlocked: that their passphrase is not theirs yet, or that the recovery code
// which they used should not be used again.
extension Context {
    /// `kind` is the kind of slot that the command itself puts a new one of: then there is nothing to say about it.
    func attend(
        to session: Session, _ way: UnlockWay, _ vault: Vault, replacing kind: SlotCommand.Kind?
    ) throws(Failure) {
        guard let slot = session.slot else { return }
        try replacing { () throws in
            if session.isAtFirst, kind != .passphrase {
                try replaceFirstPassphrase(slot, session, vault)
            } else if case .recovery = way, kind != .recovery {
                try offerRecovery(slot, session, vault)
            }
        }
    }

    /// For a member whose first passphrase an agent does not take: they choose their own, which unlocks from then on.
    func ownPassphrase(
        of member: LedgerState.Member, _ first: Credential, _ vault: Vault
    ) throws(Failure) -> Credential {
        let session = try failing { () throws(VaultError) in try vault.unlock(member, with: first) }
        guard session.isAtFirst, let slot = session.slot else { return first }
        return try replacing { () throws in try replaceFirstPassphrase(slot, session, vault) }
    }

    private func replacing<T>(_ body: () throws -> T) throws(Failure) -> T {
        do {
            return try body()
        } catch let failure as Failure {
            throw failure
        } catch let error as TerminalError {
            throw error.failure
        } catch {
            throw Failure(.unexpected, "the slot could not be replaced", next: "vault slot list")
        }
    }

    /// Whoever added the member knows the passphrase, so nothing else is done before it is another.
    @discardableResult
    private func replaceFirstPassphrase(
        _ slot: Identifier, _ session: Session, _ vault: Vault
    ) throws -> Credential {
        guard isInteractive else { throw Failure(.firstPassphrase(member: session.member.name)) }
        let terminal = try Terminal(for: SecretsIn.newPassphrase, noInput: options.noInput)
        terminal.say("Whoever added you has chosen this passphrase. From now on it has to be your own.\n")
        let label = "New passphrase of \(session.member.name)"
        let typed = SharedSecret(try HiddenPrompt(label: label, confirms: true).ask(on: terminal))
        let made = try NewCredential.passphrase(typed)
        _ = try failing { () throws(VaultError) in
            try vault.replaceSlot(slot, with: made.credential, as: session)
        }
        terminal.say("The passphrase is replaced.\n")
        return made.credential
    }

    private func offerRecovery(_ slot: Identifier, _ session: Session, _ vault: Vault) throws {
        guard isInteractive else { return warnOfRecovery() }
        let terminal = try Terminal(for: "an answer", noInput: options.noInput)
        let question = "You have used the recovery code. Make a new one, which takes its place?"
        guard try LinePrompt.confirm(question, on: terminal) else { return warnOfRecovery() }
        _ = try Recovery.replaced(to: nil, self) { credential throws(VaultError) in
            try vault.replaceSlot(slot, with: credential, as: session)
        }
    }

    func warnOfRecovery() {
        ErrorReport.warn(
            "a recovery code was used, and the ledger says so; replace it: vault slot change recovery")
    }
}
