import VaultCore
import VaultLedger
import VaultWire

/// Has operations performed by an agent. Where the agent ends before it answers, the vault itself is asked what happened.
struct AgentOperator: Operator {
    let agent: AgentConnection
    let context: Context

    func perform<O: Operation>(_ operation: O) throws(VaultError) -> O.Answer {
        guard O.isDoneByItsEntries else { return try agent.perform(operation) }
        var identifiers = IdentifierSource(at: context.surroundings().now())
        let id = identifiers.next()
        agent.operation = id
        defer { agent.operation = nil }
        do throws(VaultError) {
            return try agent.perform(operation)
        } catch .agent(.gone) {
            throw try outcome(of: id)
        }
    }

    /// An agent that is not there any more writes nothing any more, so what is not in the vault then never will be.
    private func outcome(of operation: Identifier) throws(VaultError) -> VaultError {
        let isGone = if let place = context.agentPlace { try AgentConnection.to(place) == nil } else { true }
        let vault = try Vault.open(context.path, context.surroundings())
        let entries = try vault.newestEntries(of: operation).filter { $0.action != .refused }
        guard let last = entries.last else { return .agent(isGone ? .goneWithoutChange : .gone) }
        // A rotation is several transactions, and goes on with the next try.
        if vault.state.retiring != nil,
            entries.contains(where: { $0.action == .beginEpoch || $0.action == .resealSecrets }),
            let epoch = vault.state.epoch?.number
        {
            return .rotationStopped(epoch: epoch, because: .agent(.gone))
        }
        return .agent(.goneAfterChange(seq: last.seq))
    }
}
