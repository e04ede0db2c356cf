import CPlatform
import Libc
import NIOCore
import NIOPosix
import Synchronization
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry
import VaultWire

/// Handles the requests that need the network.
///
/// The broker is created lazily: loading the system's certificates takes longer than most operations.
final class NetworkHandlers: Sendable {
    private let lazyBroker = Mutex<Result<Broker, VaultError>?>(nil)
    private let proxies = Mutex(Proxies())

    private struct Proxies {
        var running: [UInt64: Proxy] = [:]
        var lastNumber: UInt64 = 0
    }

    /// Discards tokens and closes connections, since the vault is being locked.
    func lock() {
        if case .success(let broker)? = lazyBroker.withLock({ $0 }) { broker.lock() }
        for proxy in proxies.withLock({ proxies in
            defer { proxies.running = [:] }
            return Array(proxies.running.values)
        }) { proxy.stop() }
    }

    private func broker() throws(VaultError) -> Broker {
        let result = lazyBroker.withLock { broker in
            if let broker { return broker }
            let result = Result { () throws(VaultError) in try Self.makeBroker() }
            broker = result
            return result
        }
        return try result.get()
    }

    private static func makeBroker() throws(VaultError) -> Broker {
        func variable(_ name: String) -> String? {
            unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard
            let network = NetworkConfiguration(
                trustFile: variable("SSL_CERT_FILE"), connectTo: variable("VAULT_CONNECT_TO"))
        else {
            throw .input(
                .invalid([
                    Problem(
                        field: nil, message: "can't parse VAULT_CONNECT_TO",
                        hint: "HOST:PORT:TO-HOST:TO-PORT, separated by commas")
                ]))
        }
        return try Broker(
            group: MultiThreadedEventLoopGroup(numberOfThreads: threads), network: network, limits: limits)
    }

    private static var limits: Limits {
        let budget = DescriptorBudget.current
        var limits = Limits()
        limits.proxyClients = budget.proxyClients
        limits.unauthenticatedClients = budget.unauthenticated
        limits.idleUpstreams = max(1, budget.idleUpstreams / threads)
        return limits
    }

    /// Half of the machine's cores, at most four. The clients need cores as well, and one busy thread batches more
    /// requests than two threads that share a core with them.
    private static var threads: Int { min(4, max(1, System.coreCount / 2)) }

    var handlers: [RequestDispatcher.Handler] {
        [
            .init(TestConnection.self) { [self] (request, active) throws(VaultError) in
                try await broker().test(request.name, label: request.label, by: RequestPerformer(active))
            },
            .init(CreateTestedConnection.self) { [self] (request, active) throws(VaultError) in
                try await create(request.draft, active)
            },
            .init(SendRequest.self) { [self] (request, active) throws(VaultError) in
                try await send(request, active)
            },
            .init(GetAccessToken.self) { [self] (request, active) throws(VaultError) in
                let token = try await broker().token(of: request.name, by: RequestPerformer(active))
                return GetAccessToken.Answer(
                    value: request.wantsValue ? token.value : nil, expiresIn: token.expiresIn)
            },
            .init(OpenVariablesWithTokens.self) { [self] (request, active) throws(VaultError) in
                let performer = RequestPerformer(active)
                let variables = try await performer.perform(
                    OpenVariables(of: request.names, only: Set(request.only), program: request.program)
                        .withTokens())
                return try await broker().fill(variables, by: performer)
            },
            .init(StartProxy.self) { [self] (request, active) throws(VaultError) in
                try await start(request, active)
            },
            .init(KeepProxyRunning.self) { [self] (request, active) throws(VaultError) in
                try await keepRunning(request, active)
            },
        ]
    }

    private func create(_ draft: OwnerDraft, _ active: ActiveRequest) async throws(VaultError) -> TestOutcome
    {
        let performer = RequestPerformer(active)
        let opened = try await performer.perform(OpenDraft(draft))
        let outcome = try await broker().outcome(of: opened, by: performer)
        guard outcome.passed else { return outcome }
        try await active.withVault { (unlocked) throws(VaultError) in
            try unlocked.perform(CreateOwner(draft))
            try unlocked.perform(RecordTest(outcome, of: opened))
        }
        return outcome
    }

    private func send(_ request: SendRequest, _ active: ActiveRequest) async throws(VaultError)
        -> RequestResult
    {
        let httpRequest: ConnectionRequest
        do throws(Problem) {
            httpRequest = ConnectionRequest(
                connection: request.connection, method: try RequestMethod.check(request.method),
                path: try RequestPath(request.path),
                headers: request.headers.map { ($0.first ?? "", $0.count > 1 ? $0[1] : "") },
                body: request.hasBody ? request.length.map { .length($0) } ?? .unknown : .none)
        } catch {
            throw .input(.invalid([error]))
        }
        let head = try await broker().send(
            httpRequest, delegate: ActiveRequestDelegate(active: active), by: RequestPerformer(active))
        try await active.endStream()
        return RequestResult(status: head.status, host: head.host)
    }

    private func start(_ request: StartProxy, _ active: ActiveRequest) async throws(VaultError)
        -> StartProxy.Answer
    {
        let proxy = try await broker().proxy(
            request.names, host: request.host, port: request.port, by: RequestPerformer(active))
        let number = proxies.withLock { proxies in
            proxies.lastNumber += 1
            proxies.running[proxies.lastNumber] = proxy
            return proxies.lastNumber
        }
        // The client may be gone before it sends `KeepProxyRunning`.
        Task.detached { [self] in
            try? await Task.sleep(for: .seconds(10))
            if let proxy = removeProxy(number) { await proxy.finish() }
        }
        return StartProxy.Answer(
            number: number, address: proxy.address, token: proxy.token, paths: proxy.paths,
            variables: proxy.variables)
    }

    private func removeProxy(_ number: UInt64) -> Proxy? {
        proxies.withLock { $0.running.removeValue(forKey: number) }
    }

    private func keepRunning(
        _ request: KeepProxyRunning, _ active: ActiveRequest
    ) async throws(VaultError) -> Done {
        guard let proxy = removeProxy(request.number) else { throw .agent(.gone) }
        let number = active.sessions.onLock {
            proxy.stop()
        } record: { (unlocked) throws(VaultError) in
            for (use, tally) in proxy.takeUnrecordedUses() {
                try unlocked.perform(RecordProxied(tally, of: use))
            }
        }
        defer { active.sessions.removeLockHandler(number) }
        do { for try await _ in active.incoming {} } catch {}
        guard active.sessions.current != nil else { throw .agent(.lockedDuringRequest) }
        // Detached, so that the uses are recorded even if this task is canceled.
        await Task.detached { await proxy.finish() }.value
        platform_trim_heap()
        return Done()
    }
}

/// Performs operations on behalf of a request.
private struct RequestPerformer: VaultPerformer {
    let active: ActiveRequest

    init(_ active: ActiveRequest) { self.active = active }

    func perform<O: Operation>(_ operation: O) async throws(VaultError) -> O.Answer {
        try await active.withVault { (unlocked) throws(VaultError) in try unlocked.perform(operation) }
    }
}

/// Connects the streams of a request to the bodies of its HTTP request and response.
private struct ActiveRequestDelegate: RequestDelegate {
    let active: ActiveRequest

    func nextBodyChunk() async throws(VaultError) -> [UInt8]? {
        let chunks = active.incoming.makeAsyncIterator()
        do { return try await chunks.next() } catch { throw (error as? VaultError) ?? .interrupted }
    }

    func didReceive(_ head: ResponseHead) async throws(VaultError) {
        let bytes = ResponseHeadChunk(
            status: head.status, reason: head.reason, headers: head.headers.map { [$0.name, $0.value] }
        ).bytes
        // The client expects the head in one chunk.
        guard bytes.count <= Frame.Limit.chunk else { throw .outside(.malformed(host: head.host)) }
        try await active.send(bytes)
    }

    func didReceive(_ bytes: [UInt8]) async throws(VaultError) { try await active.send(bytes) }
}
