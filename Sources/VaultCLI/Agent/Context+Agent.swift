import VaultCore
import VaultWire

extension Context {
    /// The folder of this user's agents' sockets.
    var agentFolder: String {
        if let folder = Self.setting(nil, "XDG_RUNTIME_DIR"), folder.hasPrefix("/") {
            return folder + "/vault"
        }
        return Self.home("XDG_STATE_HOME", ".local/state") + "/vault/run"
    }

    /// Where this vault's agent listens, or nil if there is no vault.
    var agentEndpoint: AgentEndpoint? { AgentEndpoint(folder: agentFolder, vault: path) }

    /// - Throws: A failure if there is no vault.
    func requireAgentEndpoint() throws(Failure) -> AgentEndpoint {
        guard let endpoint = agentEndpoint else { throw Failure(.file(.noVault(path: path))) }
        return endpoint
    }

    /// Connects to this vault's agent, unlocked or not; nil if none is running.
    func agent() throws(Failure) -> AgentConnection? {
        guard let endpoint = agentEndpoint else { return nil }
        let found = try mapErrors { () throws(VaultError) in try AgentConnection.connect(to: endpoint) }
        if let found { prepare(found) }
        return found
    }

    /// Starts an agent of this vault.
    ///
    /// - Parameter listening: Whether it accepts other commands and keeps running, or ends with this command.
    func startAgent(listening: Bool) throws(Failure) -> AgentConnection {
        try mapErrors { () throws(VaultError) in
            guard let endpoint = agentEndpoint else { throw .file(.noVault(path: path)) }
            let agent = try AgentProgram().start(
                AgentProgram.Configuration(
                    vault: endpoint.vault, anchors: anchorFolder, socket: listening ? endpoint.socket : nil))
            prepare(agent)
            return agent
        }
    }

    /// Fails if the vault is read-only here: the agent appends an entry for every use. On a full disk this process holds
    /// the file exclusively, and the two would deadlock.
    func checkAgentCanWrite(_ vault: Vault) throws(Failure) {
        if let exposure = vault.exposure { throw Failure(exposure) }
    }

    private func prepare(_ agent: AgentConnection) {
        agent.reason = Self.setting(options.reason, "VAULT_REASON")
        agent.member = memberName
        agent.notice = { [unowned self] in report($0) }
    }

    /// Performs an operation.
    ///
    /// - Throws: The operation's error as a message with an exit code.
    @discardableResult
    func perform<O: RemoteOperation>(_ operation: O, _ access: any Operator) throws(Failure) -> O.Answer {
        let answer = try mapErrors { () throws(VaultError) in try access.perform(operation) }
        if O.isConfirmedByEntries { output.isReceipt = true }
        return answer
    }
}
