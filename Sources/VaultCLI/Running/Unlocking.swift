import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How the member who is asking unlocks: a flag goes before a variable, and without either somebody is asked.
enum UnlockWay {
    case keyFile(String)
    case passphrase(SecretSource)
    case recovery(SecretSource)
    case ask
}

extension Context {
    func unlockWay() throws(Failure) -> UnlockWay {
        let flags = [
            ("--key-file", options.keyFile), ("--passphrase-from", options.passphraseFrom),
            ("--recovery-from", options.recoveryFrom),
        ].filter { $0.1 != nil }
        guard flags.count <= 1 else {
            let names = flags.map(\.0).joined(separator: " and ")
            throw Failure(.usage, "\(names) exclude each other", next: "give one of them")
        }
        if let path = options.keyFile { return .keyFile(path) }
        if let text = options.passphraseFrom { return .passphrase(try source(text, "--passphrase-from")) }
        if let text = options.recoveryFrom { return .recovery(try source(text, "--recovery-from")) }
        if let path = Self.setting(nil, "VAULT_KEY_FILE") { return .keyFile(path) }
        guard let path = Self.setting(nil, "VAULT_PASSPHRASE_FILE") else { return .ask }
        guard unsafe path.contains("/") || access(path, F_OK) == 0 else {
            // It may be the passphrase itself: it is not repeated.
            throw Failure(
                .usage, "VAULT_PASSPHRASE_FILE names no file",
                next: "put the path of a file into it; a passphrase is not taken from the environment")
        }
        return .passphrase(.file(path))
    }

    private func source(_ text: String, _ option: String) throws(Failure) -> SecretSource {
        do throws(SecretSource.Misfit) {
            return try SecretSource(parsing: text)
        } catch {
            throw Failure(.usage, problems: [error.problem(option: option, example: option + " ")])
        }
    }
}

/// The secrets that one command takes in, what unlocks among them: all sources are checked before anything is read.
struct SecretsIn {
    private static let passphrase = "the passphrase"
    private static let recoveryCode = "the recovery code"
    private let reader: SourceReader
    let way: UnlockWay

    /// `secrets` are the command's own; how to unlock is added from the flags and variables.
    /// `confirms`: what unlocks is new, so a prompt asks for it twice.
    init(
        _ context: Context, _ secrets: [SecretRequest] = [], keepsNewline: Bool = false,
        confirms: Bool = false
    ) throws(Failure) {
        var requests = secrets
        way = try context.unlockWay()
        switch way {
        case .passphrase(let source):
            requests.append(
                SecretRequest(
                    name: Self.passphrase, source: source, label: "Passphrase", confirms: confirms))
        case .recovery(let source):
            requests.append(SecretRequest(name: Self.recoveryCode, source: source, label: "Recovery code"))
        case .keyFile, .ask: break
        }
        reader = try SourceReader(requests, keepsNewline: keepsNewline, noInput: context.options.noInput)
    }

    func read(_ name: String) throws(Failure) -> SharedSecret { SharedSecret(try reader.read(name)) }

    /// The passphrase, for a command that makes a new slot of it.
    func passphrase() throws(Failure) -> SharedSecret { try read(Self.passphrase) }

    /// Who performs what needs an unlocked vault: the agent, where it has this one unlocked and no other way was
    /// named; otherwise this process, which unlocks the vault, and opens it unless it is given.
    ///
    /// `replacing` is the kind of slot that the command itself puts a new one of; `depositing` leaves the master key
    /// alone.
    func access(
        _ context: Context, to vault: Vault? = nil, replacing kind: SlotCommand.Kind? = nil,
        depositing: Bool = false
    ) throws(Failure) -> any Operator {
        if let agent = try agent(context) { return AgentOperator(agent: agent, context: context) }
        let vault = if let vault { vault } else { try context.open() }
        let session = try unlock(vault, context, replacing: kind, depositing: depositing)
        return Unlocked(vault, as: session)
    }

    /// The agent, where it has the vault unlocked for the member who is asking, and no other way was named.
    func agent(_ context: Context) throws(Failure) -> AgentConnection? {
        guard case .ask = way, let agent = try context.agent(), let member = agent.openAs,
            context.memberName == nil || context.memberName == member
        else { return nil }
        return agent
    }

    /// An agent for what needs the network, which this program has none of: the one that has the vault unlocked, or
    /// one that is started for this command, and ends with it.
    func networkAgent(_ context: Context, _ vault: Vault) throws(Failure) -> AgentConnection {
        if let agent = try agent(context) { return agent }
        try context.checkAgentCanWrite(vault)
        let (member, credential) = try asking(vault, context)
        let agent = try context.startAgent(listening: false)
        _ = try context.failing { () throws(VaultError) in
            try agent.ask(Unlock(member.name, with: credential, seconds: nil))
        }
        return agent
    }

    /// Unlocks the member who is asking, in this process.
    func unlock(
        _ vault: Vault, _ context: Context, replacing kind: SlotCommand.Kind? = nil, depositing: Bool = false
    ) throws(Failure) -> Session {
        let (member, credential) = try asking(vault, context)
        let session = try context.failing { () throws(VaultError) in
            try vault.unlock(member, with: credential, depositing: depositing)
        }
        try context.attend(to: session, way, vault, replacing: kind)
        return session
    }

    /// The member who is asking, and what they unlock with; `name` is whom the command means where none is given.
    func asking(
        _ vault: Vault, _ context: Context, otherwise name: String? = nil
    ) throws(Failure) -> (LedgerState.Member, Credential) {
        let given = try credential(context)
        let member = try context.failing { () throws(VaultError) in
            try vault.member(named: context.memberName ?? name, with: given)
        }
        if let given { return (member, given) }
        return (member, .passphrase(try ask(member, context)))
    }

    /// What was given to unlock with; nil where somebody is to be asked.
    private func credential(_ context: Context) throws(Failure) -> Credential? {
        switch way {
        case .keyFile(let path):
            .keyFile(
                try context.failing { () throws(VaultError) in
                    try KeyFile.contents(
                        of: path, credentials: Context.setting(nil, "CREDENTIALS_DIRECTORY"),
                        warn: ErrorReport.warn)
                })
        case .passphrase: .passphrase(try passphrase())
        case .recovery:
            .recovery(
                try context.failing { [typed = try read(Self.recoveryCode)] () throws(VaultError) in
                    try RecoveryCodes.read(typed)
                })
        case .ask: nil
        }
    }

    private func ask(_ member: LedgerState.Member, _ context: Context) throws(Failure) -> SharedSecret {
        do throws(TerminalError) {
            let terminal = try Terminal(for: Self.passphrase, noInput: context.options.noInput)
            return SharedSecret(try HiddenPrompt(label: "Passphrase of \(member.name)").ask(on: terminal))
        } catch {
            guard case .noTerminal = error else { throw error.failure }
            throw Failure(
                .locked, "the vault is locked, and there is no terminal to ask for a passphrase",
                next:
                    "vault unlock, at a terminal; or give --key-file PATH (or VAULT_KEY_FILE), or --passphrase-from SOURCE"
            )
        }
    }
}
