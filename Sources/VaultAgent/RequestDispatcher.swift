import Logging
import VaultCore
import VaultLedger
import VaultWire

/// Routes requests: those about the session to the session manager, operations to the vault, and network requests to
/// `NetworkRequest`.
struct RequestDispatcher: Sendable {
    let sessions: SessionManager
    let log: Logger

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
            return try Frame(.answer, await sessions.unlock(frame.request()) { active.notify($0) })
        case Lock.name:
            await sessions.lock(because: "requested")
            return try Frame(.answer, Done())
        case GetStatus.name: return try Frame(.answer, sessions.status)
        default: break
        }
        if let operation = RequestRegistry.operations[name] {
            return try await perform(operation, frame, active)
        }
        if let query = RequestRegistry.queries[name] { return try await perform(query, frame, active) }
        guard let request = NetworkService.requests[name] else { throw .agent(.unknownRequest(name)) }
        return try await perform(request, frame, active)
    }

    /// Sends the answer from the vault's thread, which saves the wake-up of another thread.
    private func perform<O: RemoteOperation>(
        _ type: O.Type, _ frame: Frame, _ active: ActiveRequest
    ) async throws(VaultError) -> Frame? {
        try await active.withVault { (unlocked) throws(VaultError) in
            try active.send(Frame(.answer, unlocked.perform(frame.request(type))))
        }
        return nil
    }

    private func perform<Q: Query>(
        _ type: Q.Type, _ frame: Frame, _ active: ActiveRequest
    ) async throws(VaultError) -> Frame? {
        try await active.withVault { (unlocked) throws(VaultError) in
            try active.send(Frame(.answer, unlocked.vault.perform(frame.request(type))))
        }
        return nil
    }

    /// Performs a request in a task that is canceled when the vault is locked.
    private func perform<R: NetworkRequest>(
        _ type: R.Type, _ frame: Frame, _ active: ActiveRequest
    ) async throws(VaultError) -> Frame {
        let task = Task { try Frame(.answer, await frame.request(type).perform(active)) }
        let number = sessions.onLock { task.cancel() }
        defer { sessions.removeLockHandler(number) }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            guard sessions.current != nil else { throw .agent(.lockedDuringRequest) }
            throw error as? VaultError ?? .interrupted
        }
    }
}
