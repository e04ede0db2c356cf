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

    /// Where this vault's agent listens; nil where there is no such vault.
    var agentPlace: AgentPlace? { AgentPlace(folder: agentFolder, vault: path) }

    /// The same, for whoever cannot go on without.
    func wantedAgentPlace() throws(Failure) -> AgentPlace {
        guard let place = agentPlace else { throw Failure(.noVault(path: path)) }
        return place
    }

    /// A connection to this vault's agent, unlocked or not; nil where none runs.
    func agent() throws(Failure) -> AgentConnection? {
        guard let place = agentPlace else { return nil }
        let found = try failing { () throws(VaultError) in try AgentConnection.to(place) }
        if let found { prepare(found) }
        return found
    }

    /// Starts an agent of this vault: one that listens and goes on, or one for this command alone.
    func startAgent(listening: Bool) throws(Failure) -> AgentConnection {
        try failing { () throws(VaultError) in
            guard let place = agentPlace else { throw .noVault(path: path) }
            let agent = try AgentProgram().start(
                AgentProgram.Orders(
                    vault: place.vault, anchors: anchorFolder, socket: listening ? place.socket : nil))
            prepare(agent)
            return agent
        }
    }

    /// Refuses to start an agent for a vault that can only be read here: every use is an entry. On a full disk this
    /// process keeps the file to itself, and the two would wait for each other.
    func checkAgentCanWrite(_ vault: Vault) throws(Failure) {
        if let exposure = vault.exposure { throw Failure(exposure) }
    }

    private func prepare(_ agent: AgentConnection) {
        agent.reason = Self.setting(options.reason, "VAULT_REASON")
        agent.member = memberName
        agent.notice = { [unowned self] in hear($0) }
    }

    /// Has an operation performed; what it fails with becomes the two lines and the exit code.
    @discardableResult
    func perform<O: Operation>(_ operation: O, _ access: any Operator) throws(Failure) -> O.Answer {
        let answer = try failing { () throws(VaultError) in try access.perform(operation) }
        if O.isDoneByItsEntries { output.isReceipt = true }
        return answer
    }
}
