import Libc
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultWire

/// How the member unlocks.
enum UnlockMethod {
    case keyFile(String)
    case passphrase(SecretSource)
    case recovery(SecretSource)
    /// By the agent if it has the vault unlocked, or else by a prompt.
    case ask
}

extension Context {
    /// The method that the flags name, or else the variables.
    ///
    /// - Throws: A usage failure if several flags name one, or if a variable names no file.
    func unlockMethod() throws -> UnlockMethod {
        let flags = [
            ("--key-file", options.keyFile), ("--passphrase-from", options.passphraseFrom),
            ("--recovery-from", options.recoveryFrom),
        ].filter { $0.1 != nil }.map(\.0)
        try require(
            flags.count <= 1, "\(flags.joined(separator: " and ")) can't be combined",
            next: "use one of them")
        if let path = options.keyFile { return .keyFile(path) }
        if let text = options.passphraseFrom {
            return .passphrase(try SecretSource(text, option: "--passphrase-from"))
        }
        if let text = options.recoveryFrom {
            return .recovery(try SecretSource(text, option: "--recovery-from"))
        }
        if let path = Descriptor.environment("VAULT_KEY_FILE") { return .keyFile(path) }
        guard let path = Descriptor.environment("VAULT_PASSPHRASE_FILE") else { return .ask }
        // The value is not repeated: it may be the passphrase.
        try require(
            unsafe path.contains("/") || access(path, F_OK) == 0,
            "VAULT_PASSPHRASE_FILE does not name a file",
            next: "set it to the path of a file; a passphrase can't come from the environment")
        return .passphrase(.file(path))
    }

    /// Opens and unlocks the vault, for a command that reads no secret but the credential.
    func openUnlocked() throws -> (vault: Vault, access: any Operator) {
        let secrets = try CommandSecrets(self)
        let vault = try open()
        return (vault, try secrets.access(self, to: vault))
    }
}

extension CommandSecrets {
    /// The passphrase, for a command that makes a new slot from it.
    func passphrase() throws -> SharedSecret { try read(Self.passphrase) }

    /// Returns an operator with access to the unlocked vault.
    ///
    /// It is the agent, if it has this vault unlocked and no other method was named; or else this process.
    ///
    /// - Parameters:
    ///   - vault: The vault, if it is already open.
    ///   - kind: The kind of slot that the command itself replaces.
    ///   - depositing: Whether to leave the master key sealed.
    func access(
        _ context: Context, to vault: Vault? = nil, replacing kind: SlotCommand.Kind? = nil,
        depositing: Bool = false
    ) throws -> any Operator {
        if let agent = try agent(context) { return AgentOperator(agent: agent, context: context) }
        let vault = if let vault { vault } else { try context.open() }
        let session = try unlock(vault, context, replacing: kind, depositing: depositing)
        return Unlocked(vault, as: session)
    }

    /// The agent, if it has the vault unlocked for this member and no other method was named.
    func agent(_ context: Context) throws -> AgentConnection? {
        guard case .ask = method, let agent = try context.agent(), let member = agent.unlockedAs,
            context.memberName == nil || context.memberName == member
        else { return nil }
        return agent
    }

    /// Returns an agent for network requests, which this program does not send itself: the agent that has the vault
    /// unlocked, or an agent started for this command only.
    func networkAgent(_ context: Context, _ vault: Vault) throws -> AgentConnection {
        if let agent = try agent(context) { return agent }
        try context.checkAgentCanWrite(vault)
        let (member, credential) = try memberAndCredential(vault, context)
        let agent = try context.startAgent(listening: false)
        _ = try agent.perform(Unlock(member.name, with: credential, seconds: nil))
        return agent
    }

    /// Unlocks the vault in this process.
    func unlock(
        _ vault: Vault, _ context: Context, replacing kind: SlotCommand.Kind? = nil, depositing: Bool = false
    ) throws -> Session {
        let (member, credential) = try memberAndCredential(vault, context)
        let session = try vault.unlock(member, with: credential, depositing: depositing)
        try context.promptForReplacement(after: session, method, vault, replacing: kind)
        return session
    }

    /// Determines the member, and reads their credential.
    ///
    /// - Parameter defaultName: The member's name if neither a flag nor a variable has one.
    func memberAndCredential(
        _ vault: Vault, _ context: Context, defaultName: String? = nil
    ) throws -> (LedgerState.Member, Credential) {
        let given = try credential(context)
        let member = try vault.member(named: context.memberName ?? defaultName, with: given)
        if let given { return (member, given) }
        return (member, .passphrase(try ask(member, context)))
    }

    /// The credential that a flag or variable names, or nil to prompt for it.
    private func credential(_ context: Context) throws -> Credential? {
        switch method {
        case .keyFile(let path):
            .keyFile(
                try KeyFile.contents(
                    of: path, credentials: Descriptor.environment("CREDENTIALS_DIRECTORY"),
                    warn: ErrorReport.warn))
        case .passphrase: .passphrase(try passphrase())
        case .recovery: .recovery(try RecoveryCodes.read(read(Self.recoveryCode)))
        case .ask: nil
        }
    }

    private func ask(_ member: LedgerState.Member, _ context: Context) throws -> SharedSecret {
        do {
            let terminal = try Terminal(for: Self.passphrase, noInput: context.options.noInput)
            return SharedSecret(try HiddenPrompt(label: "Passphrase of \(member.name)").ask(on: terminal))
        } catch {
            guard case .noTerminal = error else { throw error }
            throw Failure.locked(
                "the vault is locked; can't prompt for a passphrase: no terminal, or --no-input"
            ).next(
                "vault unlock at a terminal; or pass --key-file PATH (or VAULT_KEY_FILE) "
                    + "or --passphrase-from SOURCE")
        }
    }
}
