import NIOCore
import NIOHTTP1
import VaultCore
import VaultRegistry

// The request's way out.
extension ProxyClient {
    func begin(_ head: HTTPRequestHead) {
        stage = .starting
        let (segment, rest) = Self.split(head.uri)
        let lane = segment.flatMap { lanes[$0] }
        let opened = lane?.current
        let verdict = keeper.judge(head.headers, own: opened?.own ?? [])
        if verdict == .welcome { authenticate() }
        guard verdict == .welcome, let lane else { return turnAway(head, verdict) }
        let path: RequestPath
        do {
            _ = try RequestMethod.check(head.method.rawValue)
            path = try RequestPath(rest)
        } catch {
            return turnAway(head, error.message, error.fits ?? "another path")
        }
        number += 1
        request = ProxiedRequest(number, head, lane, path)
        if let opened { return start(opened) }
        ask { () async throws(VaultError) in try await lane.open() }
    }

    /// Asks the vault, on a task, and comes back to the event loop with what it said.
    func ask(_ question: @escaping @Sendable () async throws(VaultError) -> Lane.Opened) {
        Task { [loop = context?.eventLoop] in
            let result: Result<Lane.Opened, VaultError>
            do throws(VaultError) { result = .success(try await question()) } catch {
                result = .failure(error)
            }
            loop?.execute { self.opened(result) }
        }
    }

    private func opened(_ result: Result<Lane.Opened, VaultError>) {
        guard stage == .starting else { return }
        switch result {
        case .success(let opened): start(opened)
        case .failure(.outside(let fault)): failed(fault)
        case .failure(.useRefused), .failure(.forbidden), .failure(.noLongerMember):
            refuse(
                .forbidden, "the use of this connection by proxy is no longer allowed",
                "vault connection show NAME")
        case .failure:
            refuse(
                .serviceUnavailable, "the vault could not open the connection", "vault connection test NAME")
        }
    }

    /// `/celonis-prod/api?x` → `celonis-prod` and `/api?x`.
    static func split(_ uri: String) -> (segment: String?, rest: String) {
        let bytes = uri.utf8
        guard bytes.first == UInt8(ascii: "/") else { return (nil, uri) }
        let start = bytes.index(after: bytes.startIndex)
        let end =
            bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            ?? bytes.endIndex
        let rest = uri[end...]
        return (String(uri[start..<end]), rest.utf8.first == UInt8(ascii: "/") ? String(rest) : "/" + rest)
    }

    func start(_ opened: Lane.Opened, fresh: Bool = false) {
        guard let request, let pool else { return }
        stage = .starting
        request.opened = opened
        if let header = opened.use.policy.overridingHeader(among: request.head.headers.lazy.map(\.name)) {
            request.lane.refuse("header \(header)", opened)
            return refuse(
                .forbidden,
                "the policy restricts paths, and the header \(header) can change where a request goes",
                "leave out the header")
        }
        guard opened.use.policy.allows(request.head.method.rawValue, request.path) else {
            request.lane.refuse("\(request.head.method.rawValue) \(request.path.path)", opened)
            return refuse(
                .forbidden, "the policy does not allow \(request.head.method.rawValue) \(request.path.path)",
                "it allows \(opened.use.policy.paths.map(\.text).joined(separator: ", "))")
        }
        if !request.isCounted {
            request.isCounted = true
            request.lane.count { $0.requests += 1 }
        }
        if !fresh, let kept = pool.kept(opened.use.destination) { return send(kept, opened) }
        let number = request.number
        pool.dial(opened.use.destination).whenComplete { result in
            guard self.request?.number == number, self.stage == .starting else {
                if case .success(let upstream) = result { upstream.abandon() }
                return
            }
            switch result {
            case .success(let upstream): self.send(upstream, opened)
            case .failure(let error):
                self.failed(error as? OutsideFault ?? .lost(host: opened.use.destination.host))
            }
        }
    }

    private func send(_ upstream: Upstream, _ opened: Lane.Opened) {
        guard let request else { return upstream.abandon() }
        request.upstream = upstream
        upstream.begin(self, silence: broker.limits.silence)
        var head = HTTPRequestHead(version: .http1_1, method: request.head.method, uri: request.path.text)
        head.headers = request.head.headers.forwarded(to: opened.use.destination, own: opened.own)
        upstream.send(head, lines: opened.lines.bytes)
        stage = .sending
        if request.hasEnded {
            stage = .answering
            return upstream.end()
        }
        if request.expectsLeave { invite() }
        proceed()
        if stage == .sending { flushOn() }
        readOn()
    }
}
