import VaultCore
import VaultWire

extension Context {
    /// The folder of this user's agents' sockets.
    var agentFolder: String {
        Self.folder("XDG_RUNTIME_DIR").map { $0 + "/vault" }
            ?? Self.home("XDG_STATE_HOME", ".local/state") + "/vault/run"
    }

    /// Where this vault's agent listens, or nil if there is no vault.
    var agentEndpoint: AgentEndpoint? { AgentEndpoint(folder: agentFolder, vault: path) }

    /// - Throws: `noVault`.
    func requireAgentEndpoint() throws(VaultError) -> AgentEndpoint {
        guard let agentEndpoint else { throw .file(.noVault(path: path)) }
        return agentEndpoint
    }

    /// Connects to this vault's agent, unlocked or not; nil if none is running.
    func agent() throws(VaultError) -> AgentConnection? {
        guard let agentEndpoint, let found = try AgentConnection.connect(to: agentEndpoint) else {
            return nil
        }
        prepare(found)
        return found
    }

    /// Starts an agent of this vault.
    ///
    /// - Parameter listening: Whether it accepts other commands and keeps running, or ends with this command.
    func startAgent(listening: Bool) throws(VaultError) -> AgentConnection {
        let endpoint = try requireAgentEndpoint()
        let agent = try AgentProgram().start(at: endpoint, anchors: anchorFolder, listening: listening)
        prepare(agent)
        return agent
    }

    /// Fails if the vault is read-only here: the agent appends an entry for every use. On a full disk this process holds
    /// the file exclusively, and the two would deadlock.
    func checkAgentCanWrite(_ vault: Vault) throws(VaultError) {
        if let exposure = vault.exposure { throw exposure }
    }

    private func prepare(_ agent: AgentConnection) {
        agent.reason = Self.setting(options.reason, "VAULT_REASON")
        agent.member = memberName
        agent.notice = { [unowned self] in report($0) }
    }

    /// - Parameter access: The unlocked vault; nil opens and unlocks it.
    @discardableResult
    func perform<O: RemoteOperation>(_ operation: O, _ access: (any Operator)? = nil) throws -> O.Answer {
        let access = try access ?? openUnlocked().access
        let answer = try access.perform(operation)
        if O.isConfirmedByEntries { output.isReceipt = true }
        return answer
    }
}

extension AgentConnection {
    /// Starts a proxy, which runs until `endProxy`.
    func startProxy(_ names: [String], host: String, port: Int) throws(VaultError) -> StartProxy.Answer {
        let proxy = try perform(StartProxy(names, host: host, port: port))
        try begin(KeepProxyRunning(proxy.number))
        return proxy
    }

    /// Ends the proxy, so that its last requests are in the ledger before the next entries.
    func endProxy() throws(VaultError) {
        try endStream()
        _ = try next()
    }
}
