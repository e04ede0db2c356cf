import CPlatform
import VaultBroker
import VaultCore
import VaultRegistry
import VaultWire

/// A request that needs the network. It is canceled when the vault is locked.
protocol NetworkRequest: Request {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer
}

extension NetworkService {
    static let requests: [String: any NetworkRequest.Type] = Dictionary(
        uniqueKeysWithValues: allRequests.map { ($0.name, $0) })

    private static let allRequests: [any NetworkRequest.Type] = [
        TestConnection.self, CreateTestedConnection.self, SendRequest.self, GetAccessToken.self,
        OpenVariablesWithTokens.self, StartProxy.self, KeepProxyRunning.self,
    ]
}

extension TestConnection: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        try await active.network.broker().test(name, label: label, by: active)
    }
}

extension CreateTestedConnection: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        let opened = try await active.perform(OpenDraft(draft))
        let outcome = try await active.network.broker().outcome(of: opened, by: active)
        guard outcome.passed else { return outcome }
        try await active.withVault { (unlocked) throws(VaultError) in
            try unlocked.perform(CreateOwner(draft))
            try unlocked.perform(RecordTest(outcome, of: opened))
        }
        return outcome
    }
}

extension SendRequest: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        let request: ConnectionRequest
        do throws(Problem) {
            request = ConnectionRequest(
                connection: connection, method: try RequestMethod.check(method), path: try RequestPath(path),
                headers: headers.map { ($0.first ?? "", $0.count > 1 ? $0[1] : "") },
                body: hasBody ? length.map { .length($0) } ?? .unknown : .none)
        } catch {
            throw .input(.invalid([error]))
        }
        let head = try await active.network.broker().send(request, delegate: active, by: active)
        try await active.write(Frame(.end))
        return RequestResult(status: head.status, host: head.host)
    }
}

extension GetAccessToken: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        let token = try await active.network.broker().token(of: name, by: active)
        return Answer(value: wantsValue ? token.value : nil, expiresIn: token.expiresIn)
    }
}

extension OpenVariablesWithTokens: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        let variables = try await active.perform(
            OpenVariables(of: names, only: Set(only), program: program).withTokens())
        return try await active.network.broker().fill(variables, by: active)
    }
}

extension StartProxy: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        let network = active.network
        let proxy = try await network.broker().proxy(names, host: host, port: port, by: active)
        let number = network.addProxy(proxy)
        // The client may be gone before it sends `KeepProxyRunning`.
        Task.detached {
            try? await Task.sleep(for: .seconds(10))
            if let proxy = network.removeProxy(number) { await proxy.finish() }
        }
        return Answer(
            number: number, address: proxy.address, token: proxy.token, paths: proxy.paths,
            variables: proxy.variables)
    }
}

extension KeepProxyRunning: NetworkRequest {
    func perform(_ active: ActiveRequest) async throws(VaultError) -> Answer {
        guard let proxy = active.network.removeProxy(number) else { throw .agent(.gone) }
        let handler = active.sessions.onLock {
            proxy.stop()
        } record: { (unlocked) throws(VaultError) in
            for (use, tally) in proxy.takeUnrecordedUses() {
                try unlocked.perform(RecordProxied(tally, of: use))
            }
        }
        defer { active.sessions.removeLockHandler(handler) }
        while (try? await active.incoming.next()) != nil {}
        guard active.sessions.current != nil else { throw .agent(.lockedDuringRequest) }
        // Detached, so that the uses are recorded even if this task is canceled.
        await Task.detached { await proxy.finish() }.value
        platform_trim_heap()
        return Done()
    }
}
