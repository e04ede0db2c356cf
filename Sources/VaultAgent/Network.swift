import CPlatform
import NIOCore
import NIOPosix
import Synchronization
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The questions that take a network, and what answers each.
///
/// What speaks to other sides is made when the first of them is asked: reading the system's certificates takes longer
/// than most operations.
final class Network: Sendable {
    private let made = Mutex<Result<Broker, VaultError>?>(nil)
    private let proxies = Mutex(Proxies())

    private struct Proxies {
        var running: [UInt64: Proxy] = [:]
        var number: UInt64 = 0
    }

    /// Forgets what it holds that a key made: the vault is being locked.
    func lock() {
        if case .success(let broker)? = made.withLock({ $0 }) { broker.lock() }
        for proxy in proxies.withLock({ proxies in
            defer { proxies.running = [:] }
            return Array(proxies.running.values)
        }) { proxy.stop() }
    }

    private func broker() throws(VaultError) -> Broker {
        let result = made.withLock { made in
            if let made { return made }
            let result = Result { () throws(VaultError) in try Self.make() }
            made = result
            return result
        }
        return try result.get()
    }

    private static func make() throws(VaultError) -> Broker {
        func variable(_ name: String) -> String? {
            unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard
            let reach = Reach(
                trustFile: variable("SSL_CERT_FILE"), connectTo: variable("VAULT_CONNECT_TO"))
        else {
            throw .invalid([
                Problem(
                    field: nil, message: "VAULT_CONNECT_TO is not written as it should be",
                    fits: "HOST:PORT:TO-HOST:TO-PORT, several with commas between")
            ])
        }
        return try Broker(
            group: MultiThreadedEventLoopGroup(numberOfThreads: threads), reach: reach, limits: limits)
    }

    private static var limits: Limits {
        let budget = DescriptorBudget.current
        var limits = Limits()
        limits.proxyClients = budget.proxyClients
        limits.unauthenticated = budget.unauthenticated
        limits.idleUpstreams = max(1, budget.idleUpstreams / threads)
        return limits
    }

    /// Half of the machine's cores, at most four: the programs whose requests these are have work to do as well, and
    /// one thread that is busy takes more requests at a time than two that share a core with them.
    private static var threads: Int { min(4, max(1, System.coreCount / 2)) }

    var questions: [Answers.Other] {
        [
            Answers.Other(TestConnection.self) { [self] (question, exchange) throws(VaultError) in
                try await broker().test(question.name, label: question.label, by: Asker(exchange))
            },
            Answers.Other(CreateTested.self) { [self] (question, exchange) throws(VaultError) in
                try await create(question.draft, exchange)
            },
            Answers.Other(SendRequest.self) { [self] (question, exchange) throws(VaultError) in
                try await send(question, exchange)
            },
            Answers.Other(TakeToken.self) { [self] (question, exchange) throws(VaultError) in
                let token = try await broker().token(of: question.name, by: Asker(exchange))
                return TakeToken.Answer(
                    value: question.wantsValue ? token.value : nil, expiresIn: token.expiresIn)
            },
            Answers.Other(OpenMintedVariables.self) { [self] (question, exchange) throws(VaultError) in
                let variables = try await exchange.withVault { (unlocked) throws(VaultError) in
                    try unlocked.vault.variables(
                        of: question.names, only: Set(question.only), program: question.program, tokens: true,
                        as: unlocked.session)
                }
                return try await broker().fill(variables, by: Asker(exchange))
            },
            Answers.Other(StartProxy.self) { [self] (question, exchange) throws(VaultError) in
                try await start(question, exchange)
            },
            Answers.Other(HoldProxy.self) { [self] (question, exchange) throws(VaultError) in
                try await hold(question, exchange)
            },
        ]
    }

    private func create(_ draft: OwnerDraft, _ exchange: Exchange) async throws(VaultError) -> TestOutcome {
        let use = try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.open(draft, as: unlocked.session)
        }
        let outcome = try await broker().outcome(of: use, by: Asker(exchange))
        guard outcome.passed else { return outcome }
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.create(draft, as: unlocked.session)
            try unlocked.vault.recordTest(outcome, of: use, as: unlocked.session)
        }
        return outcome
    }

    private func send(_ question: SendRequest, _ exchange: Exchange) async throws(VaultError) -> RequestStatus
    {
        let call: Call
        do throws(Problem) {
            call = Call(
                connection: question.connection, method: try RequestMethod.check(question.method),
                path: try RequestPath(question.path),
                headers: question.headers.map { ($0.first ?? "", $0.count > 1 ? $0[1] : "") },
                body: question.hasBody ? question.length.map { .length($0) } ?? .unknown : .none)
        } catch {
            throw .invalid([error])
        }
        let head = try await broker().request(call, with: Talk(exchange: exchange), by: Asker(exchange))
        try await exchange.endStream()
        return RequestStatus(status: head.status, host: head.host)
    }

    private func start(_ question: StartProxy, _ exchange: Exchange) async throws(VaultError)
        -> StartProxy.Answer
    {
        let proxy = try await broker().proxy(
            question.names, host: question.host, port: question.port, by: Asker(exchange))
        let number = proxies.withLock { proxies in
            proxies.number += 1
            proxies.running[proxies.number] = proxy
            return proxies.number
        }
        // Whoever started it may be gone by now.
        Task.detached { [self] in
            try? await Task.sleep(for: .seconds(10))
            if let left = take(number) { await left.finish() }
        }
        return StartProxy.Answer(
            number: number, address: proxy.address, token: proxy.token, paths: proxy.paths,
            variables: proxy.variables)
    }

    private func take(_ number: UInt64) -> Proxy? {
        proxies.withLock { $0.running.removeValue(forKey: number) }
    }

    private func hold(_ question: HoldProxy, _ exchange: Exchange) async throws(VaultError) -> Done {
        guard let proxy = take(question.number) else { throw .agent(.gone) }
        let held = exchange.keeper.whenLocked {
            proxy.stop()
        } tell: { (unlocked) throws(VaultError) in
            for (use, tally) in proxy.lastUses() {
                try unlocked.vault.recordProxied(tally, of: use, as: unlocked.session)
            }
        }
        defer { exchange.keeper.forget(held) }
        do { for try await _ in exchange.incoming {} } catch {}
        guard exchange.keeper.open != nil else { throw .agent(.lockedMeanwhile) }
        // In a task of its own: what was sent is told to the ledger also when this one was cancelled.
        await Task.detached { await proxy.finish() }.value
        platform_give_back()
        return Done()
    }
}

/// Opens connections for whoever asks.
private struct Asker: Opener {
    let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    func open(_ name: String, for purpose: Purpose, label: SecretLabel) async throws(VaultError) -> OpenedUse
    {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.open(name, for: purpose, label: label, as: unlocked.session)
        }
    }

    func openClient(of plan: TokenPlan) async throws(VaultError) -> OpenedClient {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.openClient(of: plan, as: unlocked.session)
        }
    }

    func openForChild(_ name: String) async throws(VaultError) -> OpenedUse {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.openForChild(name, as: unlocked.session)
        }
    }

    func recordTest(_ outcome: TestOutcome, of use: OpenedUse) async throws(VaultError) {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.recordTest(outcome, of: use, as: unlocked.session)
        }
    }

    func recordProxied(_ tally: Purpose.Tally, of use: OpenedUse) async throws(VaultError) {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.recordProxied(tally, of: use, as: unlocked.session)
        }
    }

    func recordRefused(_ purpose: Purpose, of use: OpenedUse, why: String) async throws(VaultError) {
        try await exchange.withVault { (unlocked) throws(VaultError) in
            try unlocked.vault.recordRefused(purpose, of: use, why: why, as: unlocked.session)
        }
    }
}

/// A request's body and answer, as the streams of a question.
private struct Talk: VaultBroker.Conversation {
    let exchange: Exchange

    func nextPiece() async throws(VaultError) -> [UInt8]? {
        let pieces = exchange.incoming.makeAsyncIterator()
        do { return try await pieces.next() } catch { throw (error as? VaultError) ?? .interrupted }
    }

    func answered(_ head: AnswerHead) async throws(VaultError) {
        let bytes = RequestHead(
            status: head.status, reason: head.reason, headers: head.headers.map { [$0.name, $0.value] }
        ).bytes
        // It has to be one piece.
        guard bytes.count <= Frame.Limit.chunk else { throw .outside(.malformed(host: head.host)) }
        try await exchange.send(bytes)
    }

    func answered(_ bytes: [UInt8]) async throws(VaultError) { try await exchange.send(bytes) }
}
