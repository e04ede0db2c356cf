import NIOCore
import NIOHTTP1
import VaultCore
import VaultRegistry

// Forwards requests to the connection's host.
extension ProxyClientHandler {
    func begin(_ head: HTTPRequestHead) {
        stage = .starting
        let (segment, rest) = Self.split(head.uri)
        let route = segment.flatMap { routes[$0] }
        let opened = route?.current
        let verdict = accessCheck.check(
            head.headers, authorizationHeaders: opened?.authorizationHeaders ?? [])
        if verdict == .allowed { authenticate() }
        guard verdict == .allowed, let route else { return reject(head, verdict) }
        let path: RequestPath
        do {
            _ = try RequestMethod.check(head.method.rawValue)
            path = try RequestPath(rest)
        } catch {
            return reject(head, error.message, error.hint ?? "use another path")
        }
        request = ProxiedRequest(head, route, path)
        if let opened { return start(opened) }
        openRoute { () async throws(VaultError) in try await route.open() }
    }

    /// Opens the route in a task, and continues on the event loop.
    func openRoute(_ body: @escaping @Sendable () async throws(VaultError) -> ProxyRoute.Opened) {
        Task { [loop = context?.eventLoop] in
            let result: Result<ProxyRoute.Opened, VaultError>
            do throws(VaultError) { result = .success(try await body()) } catch {
                result = .failure(error)
            }
            loop?.execute { self.didOpen(result) }
        }
    }

    private func didOpen(_ result: Result<ProxyRoute.Opened, VaultError>) {
        guard stage == .starting, let name = request?.route.name else { return }
        switch result {
        case .success(let opened): start(opened)
        case .failure(.outside(let fault)): didFail(fault)
        case .failure(.access(.useRefused)), .failure(.access(.forbidden)),
            .failure(.access(.noLongerMember)):
            respond(
                .forbidden, "the proxy may no longer use connection '\(name)'",
                "vault connection show '\(name)'")
        case .failure:
            respond(
                .serviceUnavailable, "can't open connection '\(name)' in the vault",
                "vault connection test '\(name)'")
        }
    }

    /// Splits `/celonis-prod/api?x` into `celonis-prod` and `/api?x`.
    static func split(_ uri: String) -> (segment: String?, rest: String) {
        guard uri.utf8.first == UInt8(ascii: "/") else { return (nil, uri) }
        let segment = uri.utf8.dropFirst().prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        let rest = uri[segment.endIndex...]
        return (
            String(uri[segment.startIndex..<segment.endIndex]),
            rest.utf8.first == UInt8(ascii: "/") ? String(rest) : "/" + rest
        )
    }

    /// Checks the policy, and sends the request over an idle connection or a new one; a new one if `fresh` is set.
    func start(_ opened: ProxyRoute.Opened, fresh: Bool = false) {
        guard let request, let context else { return }
        stage = .starting
        request.opened = opened
        if let header = opened.use.policy.overridingHeader(among: request.head.headers.lazy.map(\.name)) {
            request.route.recordRefusal("header \(header)", opened)
            return respond(
                .forbidden,
                "the policy restricts paths, and the header \(header) can change where a request goes",
                "leave out the header")
        }
        guard opened.use.policy.allows(request.head.method.rawValue, request.path) else {
            request.route.recordRefusal("\(request.head.method.rawValue) \(request.path.path)", opened)
            return respond(
                .forbidden, "the policy does not allow \(request.head.method.rawValue) \(request.path.path)",
                "it allows \(opened.use.policy.paths.map(\.text).joined(separator: ", "))")
        }
        if !request.isCounted {
            request.isCounted = true
            request.route.updateTally { $0.requests += 1 }
        }
        let pool = broker.upstreams.pool(on: context.eventLoop)
        pool.lease(opened.use.destination, fresh: fresh).whenComplete { result in
            guard self.request === request, self.stage == .starting else {
                if case .success(let upstream) = result { upstream.abandon() }
                return
            }
            switch result {
            case .success(let upstream): self.send(upstream, opened)
            case .failure(let error):
                self.didFail(error as? OutsideFault ?? .lost(host: opened.use.destination.host))
            }
        }
    }

    private func send(_ upstream: UpstreamConnection, _ opened: ProxyRoute.Opened) {
        guard let request else { return upstream.abandon() }
        request.upstream = upstream
        var head = HTTPRequestHead(version: .http1_1, method: request.head.method, uri: request.path.text)
        head.headers = request.head.headers.forwarded(
            to: opened.use.destination, removing: opened.authorizationHeaders)
        upstream.begin(
            head, lines: opened.lines.bytes, timeout: broker.limits.responseTimeout, receiver: self)
        stage = .sending
        if request.hasEnded {
            stage = .answering
            return upstream.end()
        }
        if request.expectsContinue { sendContinue() }
        processParts()
        if stage == .sending { flushUpstream() }
        resumeReading()
    }
}
