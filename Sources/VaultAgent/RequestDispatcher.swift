import Logging
import VaultCore
import VaultLedger
import VaultWire

/// Routes requests: those about the session to the session manager, operations to the vault, and network requests to
/// their handlers.
struct RequestDispatcher: Sendable {
    private let sessions: SessionManager
    private let log: Logger
    private let handlers: [String: Handler]

    /// Handles a request that needs more than the vault. Its task is canceled when the vault is locked.
    struct Handler: Sendable {
        fileprivate let name: String
        fileprivate let handle: @Sendable (Frame, ActiveRequest) async throws(VaultError) -> Frame

        init<R: Request>(
            _ request: R.Type,
            _ handle: @escaping @Sendable (R, ActiveRequest) async throws(VaultError) -> R.Answer
        ) {
            name = R.name
            self.handle = { (frame, active) throws(VaultError) in
                let request = try mappingFaults { () throws(AgentFault) in try frame.request(R.self) }
                let answer = try await handle(request, active)
                return try mappingFaults { () throws(AgentFault) in try Frame(.answer, answer) }
            }
        }
    }

    init(_ sessions: SessionManager, _ log: Logger, handlers: [Handler] = []) {
        self.sessions = sessions
        self.log = log
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.name, $0) })
    }

    /// Whether a request of this name is an operation or a query, which runs entirely on the vault's thread.
    func isOperation(_ name: String) -> Bool {
        RequestRegistry.operations[name] != nil || RequestRegistry.queries[name] != nil
    }

    /// Performs a request.
    ///
    /// - Returns: The answer or the failure; nil if it was sent already.
    func perform(_ frame: Frame, _ active: ActiveRequest) async -> Frame? {
        var fields: Logger.Metadata = ["request": "\(active.context.name)"]
        fields["member"] = sessions.current.map { "\($0.member)" }
        do throws(VaultError) {
            let answer = try await answer(frame, active)
            log.info("answered", metadata: fields)
            return answer
        } catch {
            fields["why"] = "\(PlainWords.text(of: error))"
            log.info("refused", metadata: fields)
            // An error too long for a frame is sent without its details.
            return (try? Frame(.failure, error)) ?? Frame(.failure)
        }
    }

    private func answer(_ frame: Frame, _ active: ActiveRequest) async throws(VaultError) -> Frame? {
        let name = active.context.name
        switch name {
        case Unlock.name:
            let request = try mappingFaults { () throws(AgentFault) in try frame.request(Unlock.self) }
            return try encoded(try await sessions.unlock(request) { active.notify($0) })
        case Lock.name:
            await sessions.lock(because: "requested")
            return try encoded(Done())
        case GetStatus.name: return try encoded(sessions.status)
        default: break
        }
        if let operation = RequestRegistry.operations[name] {
            try await perform(operation, frame, active)
            return nil
        }
        if let query = RequestRegistry.queries[name] {
            try await perform(query, frame, active)
            return nil
        }
        guard let handler = handlers[name] else { throw .agent(.unknownRequest(name)) }
        return try await cancelingOnLock { () throws(VaultError) in try await handler.handle(frame, active) }
    }

    private func encoded(_ value: some Encodable) throws(VaultError) -> Frame {
        try mappingFaults { () throws(AgentFault) in try Frame(.answer, value) }
    }

    /// Sends the answer from the vault's thread, which saves the wake-up of another thread.
    private func perform<O: RemoteOperation>(
        _ type: O.Type, _ frame: Frame, _ active: ActiveRequest
    ) async throws(VaultError) {
        try await active.withVault { (unlocked) throws(VaultError) in
            let operation = try mappingFaults { () throws(AgentFault) in try frame.request(type) }
            active.send(answer: try encoded(try unlocked.perform(operation)))
        }
    }

    private func perform<Q: Query>(
        _ type: Q.Type, _ frame: Frame, _ active: ActiveRequest
    ) async throws(VaultError) {
        try await active.withVault { (unlocked) throws(VaultError) in
            let query = try mappingFaults { () throws(AgentFault) in try frame.request(type) }
            active.send(answer: try encoded(try unlocked.vault.perform(query)))
        }
    }

    private func cancelingOnLock(
        _ body: @escaping @Sendable () async throws(VaultError) -> Frame
    ) async throws(VaultError) -> Frame {
        let task = Task { () -> Result<Frame, VaultError> in
            do throws(VaultError) { return .success(try await body()) } catch { return .failure(error) }
        }
        let number = sessions.onLock { task.cancel() }
        defer { sessions.removeLockHandler(number) }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if case .failure = result, sessions.current == nil { throw .agent(.lockedDuringRequest) }
        return try result.get()
    }
}

private func mappingFaults<T>(_ body: () throws(AgentFault) -> T) throws(VaultError) -> T {
    do throws(AgentFault) { return try body() } catch { throw .agent(error) }
}
