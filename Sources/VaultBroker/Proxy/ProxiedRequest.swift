import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking
import VaultRegistry

/// One request of a client, from its head to the end of its answer.
final class ProxiedRequest {
    let number: Int
    let head: HTTPRequestHead
    let lane: Lane
    let path: RequestPath
    let keepsAlive: Bool
    var opened: Lane.Opened?
    var upstream: Upstream?
    var hasSentBody = false
    var hasEnded = false
    var hasRetried = false
    var hasRenewed = false
    var answer: Answer = .none

    /// How the answer's body is given back.
    enum Answer {
        case none
        /// A 401 for a token that was kept; it is asked again with a new one.
        case dropped
        /// Held until it is whole, so that it keeps its length.
        case held(HTTPResponseHead, ByteBuffer)
        /// Masked as it comes.
        case streamed(StreamedMask)
        /// There is none: an answer to HEAD, 204, 304.
        case empty
    }

    init(_ number: Int, _ head: HTTPRequestHead, _ lane: Lane, _ path: RequestPath) {
        self.number = number
        self.head = head
        self.lane = lane
        self.path = path
        keepsAlive = head.isKeepAlive && head.version != .http1_0
    }

    /// Whether it can be sent a second time without anybody noticing.
    var isRepeatable: Bool {
        !hasSentBody && [.GET, .HEAD, .OPTIONS, .PUT, .DELETE].contains(head.method)
    }

    var isAnswered: Bool {
        switch answer {
        case .none, .dropped: false
        case .held, .streamed, .empty: true
        }
    }
}

/// A mask that lives as long as one answer.
final class StreamedMask {
    private var mask: BufferMask

    init(_ patterns: PatternSet) { mask = BufferMask(patterns) }

    func take(_ buffer: ByteBuffer) -> ByteBuffer { ByteBuffer(bytes: mask.take(buffer)) }
    func finish() -> ByteBuffer { ByteBuffer(bytes: mask.finish()) }
}

// The request's way out.
extension ProxyClient {
    func begin(_ head: HTTPRequestHead) {
        stage = .starting
        let (segment, rest) = Self.split(head.uri)
        let lane = segment.flatMap { lanes[$0] }
        let names = lane?.current?.use.ownHeaders ?? []
        let verdict = keeper.judge(head.headers, names: names)
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
        if let opened = lane.current { return start(opened) }
        Task { [loop = context?.eventLoop] in
            let result = await Result { () async throws(VaultError) in try await lane.open() }
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

    private func turnAway(_ head: HTTPRequestHead, _ verdict: ProxyGuard.Verdict) {
        switch verdict {
        case .welcome:
            turnAway(
                head, "the path does not begin with a connection of this proxy",
                "one of \(lanes.keys.sorted().map { "/" + $0 }.joined(separator: ", "))", .notFound)
        case .noToken:
            turnAway(
                head, "the request does not carry the token of this proxy",
                "send it as a bearer token, or where the client gives its key", .unauthorized)
        case .foreignHost:
            turnAway(head, "the request names another host", "use the proxy's own address", .forbidden)
        case .foreignOrigin:
            turnAway(head, "the request comes from a web page", "pages do not get to a proxy", .forbidden)
        }
    }

    private func turnAway(
        _ head: HTTPRequestHead, _ what: String, _ next: String, _ status: HTTPResponseStatus = .badRequest
    ) {
        // With nothing known of the request but its head.
        number += 1
        if let lane = lanes.first?.value, let path = try? RequestPath("/") {
            request = ProxiedRequest(number, head, lane, path)
        }
        refuse(status, what, next)
    }

    /// `/celonis-prod/api?x` → `celonis-prod` and `/api?x`.
    static func split(_ uri: String) -> (segment: String?, rest: String) {
        guard uri.hasPrefix("/") else { return (nil, uri) }
        let segment = uri.dropFirst().prefix { $0 != "/" && $0 != "?" }
        let rest = uri.dropFirst(1 + segment.count)
        return (String(segment), rest.hasPrefix("/") ? String(rest) : "/" + rest)
    }

    func start(_ opened: Lane.Opened, fresh: Bool = false) {
        guard let request, let context else { return }
        stage = .starting
        request.opened = opened
        guard opened.use.policy.allows(request.head.method.rawValue, request.path) else {
            request.lane.refuse(request.head.method.rawValue, request.path.path, opened)
            return refuse(
                .forbidden, "the policy does not allow \(request.head.method.rawValue) \(request.path.path)",
                "it allows \(opened.use.policy.paths.map(\.text).joined(separator: ", "))")
        }
        let number = request.number
        broker.upstreams.pool(on: context.eventLoop).lease(opened.use.destination, fresh: fresh)
            .whenComplete { result in
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
        head.headers = request.head.headers.forwarded(to: opened.use, own: opened.use.ownHeaders)
        upstream.send(head, lines: opened.lines.bytes)
        stage = .sending
        if request.hasEnded {
            stage = .answering
            return upstream.end()
        }
        if request.head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }
        ) {
            invite()
        }
        proceed()
        if stage == .sending { upstream.flush() }
        readOn()
    }
}

// The answer's way back.
extension ProxyClient: Answered {
    func answered(_ head: HTTPResponseHead) {
        guard let request, let opened = request.opened else { return }
        let isStale = head.status == .unauthorized && opened.token != nil && !request.hasRenewed
        if isStale, !request.hasSentBody, request.hasEnded {
            request.hasRenewed = true
            request.answer = .dropped
            return
        }
        request.lane.count {
            $0.requests += 1
            if head.status.code >= 400 { $0.failed += 1 }
        }
        let isEmpty = request.head.method == .HEAD || [204, 304].contains(head.status.code)
        guard isEmpty || !head.headers.isEncoded else {
            request.upstream?.abandon()
            request.upstream = nil
            return failed(.encoded(host: opened.use.destination.host))
        }
        var answer = HTTPResponseHead(
            version: request.head.version, status: HTTPResponseStatus(statusCode: Int(head.status.code)),
            headers: head.headers.returned(masking: opened.patterns))
        if !request.keepsAlive { answer.headers.add(name: "connection", value: "close") }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        if isEmpty {
            request.answer = .empty
            write(.head(answer))
        } else if let length, length <= broker.limits.wholeAnswer {
            request.answer = .held(answer, ByteBuffer())
        } else {
            answer.headers.remove(name: "content-length")
            if request.head.version != .http1_0 {
                answer.headers.add(name: "transfer-encoding", value: "chunked")
            }
            request.answer = .streamed(StreamedMask(opened.patterns))
            write(.head(answer))
            flush()
        }
    }

    func answered(_ body: ByteBuffer) {
        guard let request else { return }
        switch request.answer {
        case .held(let head, var held):
            request.answer = .none
            if held.readableBytes == 0 { held = body } else { held.writeImmutableBuffer(body) }
            request.answer = .held(head, held)
        case .streamed(let mask):
            let bytes = mask.take(body)
            guard bytes.readableBytes > 0 else { return }
            write(.body(.byteBuffer(bytes)))
            flush()
        case .none, .dropped, .empty: break
        }
    }

    func answeredWhole() {
        guard let request, let opened = request.opened else { return }
        request.upstream = nil
        switch request.answer {
        case .dropped: return renew(request, opened)
        case .held(var head, var body):
            if unsafe body.withUnsafeReadableBytes({ unsafe opened.patterns.matches(in: $0) }) {
                let mask = StreamedMask(opened.patterns)
                var masked = mask.take(body)
                masked.writeImmutableBuffer(mask.finish())
                body = masked
                head.headers.replaceOrAdd(name: "content-length", value: String(body.readableBytes))
            }
            write(.head(head))
            if body.readableBytes > 0 { write(.body(.byteBuffer(body))) }
        case .streamed(let mask):
            let rest = mask.finish()
            if rest.readableBytes > 0 { write(.body(.byteBuffer(rest))) }
        case .none, .empty: break
        }
        finish()
    }

    private func renew(_ request: ProxiedRequest, _ opened: Lane.Opened) {
        stage = .starting
        request.answer = .none
        Task { [loop = context?.eventLoop, lane = request.lane] in
            let result = await Result { () async throws(VaultError) in try await lane.renew(opened) }
            loop?.execute { self.opened(result) }
        }
    }

    func failed(_ fault: OutsideFault) {
        guard let request, stage != .closed else { return }
        let wasReused = request.upstream?.isReused ?? false
        request.upstream = nil
        if case .lost = fault, wasReused, request.isRepeatable, !request.hasRetried, !request.isAnswered,
            let opened = request.opened
        {
            request.hasRetried = true
            return start(opened, fresh: true)
        }
        if request.isAnswered, !isUnwritten(request.answer) {
            // The head is out: the only way to say that the answer is not whole.
            context?.close(promise: nil)
            return
        }
        request.lane.count {
            $0.requests += request.isAnswered ? 0 : 1
            $0.failed += 1
        }
        request.answer = .none
        let isSlow = if case .timedOut = fault { true } else { false }
        refuse(isSlow ? .gatewayTimeout : .badGateway, fault.what, fault.next)
    }

    /// Whether nothing of the answer was written yet.
    private func isUnwritten(_ answer: ProxiedRequest.Answer) -> Bool {
        switch answer {
        case .held, .none, .dropped: true
        case .streamed, .empty: false
        }
    }

    func canSend(_ can: Bool) { if can { readOn() } }
}

extension Result {
    fileprivate init(_ body: () async throws(Failure) -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension HTTPResponseEncoder.Configuration {
    /// The proxy frames answers itself: the library does not know of HEAD.
    static var unframed: Self {
        var configuration = Self()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }
}
