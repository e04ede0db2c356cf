import VaultCore
import VaultLedger
import VaultWire

/// Performs operations through an agent. If the agent exits before it answers, the ledger shows the outcome.
struct AgentOperator: Operator {
    let agent: AgentConnection
    let context: Context

    func perform<O: RemoteOperation>(_ operation: O) throws(VaultError) -> O.Answer {
        guard O.isConfirmedByEntries else { return try agent.perform(operation) }
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

    /// The outcome of an operation with a lost answer. Once the agent is gone, a missing entry will never appear.
    private func outcome(of operation: Identifier) throws(VaultError) -> VaultError {
        let isGone = try context.agent() == nil
        let vault = try Vault.open(context.path, context.surroundings())
        let entries = try vault.perform(FindEntries(of: operation)).filter { $0.action != .refused }
        guard let last = entries.last else { return .agent(isGone ? .goneWithoutChange : .gone) }
        // A rotation is several transactions, and the next run resumes it.
        if vault.state.retiring != nil,
            entries.contains(where: { $0.action == .beginEpoch || $0.action == .resealSecrets }),
            let epoch = vault.state.epoch?.number
        {
            return .masterKey(.rotationStopped(epoch: epoch, because: .agent(.gone)))
        }
        return .agent(.goneAfterChange(seq: last.seq))
    }
}
