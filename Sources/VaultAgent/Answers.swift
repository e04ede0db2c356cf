import Logging
import VaultCore
import VaultLedger
import VaultWire

/// Who answers which question: the keeper what is about unlocking, the vault every operation, and others what takes
/// a network.
struct Answers: Sendable {
    private let keeper: Keeper
    private let log: Logger
    private let others: [String: Other]

    /// A question that takes more than the vault. Its task is cancelled when the vault is locked.
    struct Other: Sendable {
        fileprivate let name: String
        fileprivate let answer: @Sendable (Frame, Exchange) async throws(VaultError) -> Frame

        init<Q: Question>(
            _ question: Q.Type,
            _ answer: @escaping @Sendable (Q, Exchange) async throws(VaultError) -> Q.Answer
        ) {
            name = Q.name
            self.answer = { (frame, exchange) throws(VaultError) in
                let question = try onWire { () throws(AgentFault) in try frame.question(Q.self) }
                let answer = try await answer(question, exchange)
                return try onWire { () throws(AgentFault) in try Frame(.answer, answer) }
            }
        }
    }

    init(_ keeper: Keeper, _ log: Logger, others: [Other] = []) {
        self.keeper = keeper
        self.log = log
        self.others = Dictionary(uniqueKeysWithValues: others.map { ($0.name, $0) })
    }

    /// Whether the vault answers a question of this name by itself, on its own thread.
    func isOfTheVault(_ name: String) -> Bool { Operations.byName[name] != nil }

    /// The answer, or the failure in its place; nil where it was sent already.
    func answer(_ frame: Frame, _ exchange: Exchange) async -> Frame? {
        var fields: Logger.Metadata = ["question": "\(exchange.asking.name)"]
        fields["member"] = keeper.open.map { "\($0.member)" }
        do throws(VaultError) {
            let answer = try await reply(frame, exchange)
            log.info("answered", metadata: fields)
            return answer
        } catch {
            fields["why"] = "\(PlainWords.text(of: error))"
            log.info("refused", metadata: fields)
            // One that is too long for a frame still is a failure.
            return (try? Frame(.failure, error)) ?? Frame(.failure)
        }
    }

    private func reply(_ frame: Frame, _ exchange: Exchange) async throws(VaultError) -> Frame? {
        let name = exchange.asking.name
        switch name {
        case Unlock.name:
            let question = try onWire { () throws(AgentFault) in try frame.question(Unlock.self) }
            return try answer(try await keeper.unlock(question) { exchange.tell($0) })
        case Lock.name:
            await keeper.lock(because: "asked to")
            return try answer(Done())
        case AskStatus.name: return try answer(keeper.status)
        default: break
        }
        if let operation = Operations.byName[name] {
            try await perform(operation, frame, exchange)
            return nil
        }
        guard let other = others[name] else { throw .agent(.unknownQuestion(name)) }
        return try await untilLocked { () throws(VaultError) in try await other.answer(frame, exchange) }
    }

    private func answer(_ value: some Encodable) throws(VaultError) -> Frame {
        try onWire { () throws(AgentFault) in try Frame(.answer, value) }
    }

    /// Sends the answer from the vault's own thread: whoever waits for it would wait for one more to wake up.
    private func perform<O: Operation>(
        _ type: O.Type, _ frame: Frame, _ exchange: Exchange
    ) async throws(VaultError) {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            let operation = try onWire { () throws(AgentFault) in try frame.question(type) }
            exchange.send(answer: try answer(try unlocked.perform(operation)))
        }
    }

    private func untilLocked(
        _ body: @escaping @Sendable () async throws(VaultError) -> Frame
    ) async throws(VaultError) -> Frame {
        let task = Task { () -> Result<Frame, VaultError> in
            do throws(VaultError) { return .success(try await body()) } catch { return .failure(error) }
        }
        let number = keeper.whenLocked { task.cancel() }
        defer { keeper.forget(number) }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if case .failure = result, keeper.open == nil { throw .agent(.lockedMeanwhile) }
        return try result.get()
    }
}

/// What the coder of frames throws, as every other failure.
private func onWire<T>(_ body: () throws(AgentFault) -> T) throws(VaultError) -> T {
    do throws(AgentFault) { return try body() } catch { throw .agent(error) }
}
