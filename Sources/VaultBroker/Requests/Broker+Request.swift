import NIOCore
import NIOHTTP1
public import VaultCore
import VaultLedger
import VaultMasking
import VaultMemory
public import VaultRegistry

/// An HTTP request to a connection's host.
public struct ConnectionRequest: Sendable {
    let connection: String
    let method: String
    let path: RequestPath
    /// The caller's header fields, which are checked once the connection is open.
    let headers: [(name: String, value: String)]
    let body: Body

    /// Whether a body follows, and its length.
    public enum Body: Sendable, Equatable {
        /// No body.
        case none
        /// A body of this many bytes.
        case length(UInt64)
        /// A body of unknown length.
        case unknown
    }

    /// Creates a request.
    public init(
        connection: String, method: String, path: RequestPath, headers: [(name: String, value: String)],
        body: Body
    ) {
        self.connection = connection
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// The head of a response, with secrets masked.
public struct ResponseHead: Sendable {
    /// The HTTP status code.
    public let status: Int
    /// The reason phrase.
    public let reason: String
    /// The header fields in the order received.
    public let headers: [(name: String, value: String)]
    /// The host that responded.
    public let host: String
}

/// Provides the body of a request, and receives the response.
public protocol RequestDelegate: Sendable {
    /// Returns the next chunk of the request's body; nil at its end.
    ///
    /// - Throws: `VaultError` to abort the request.
    func nextBodyChunk() async throws(VaultError) -> [UInt8]?
    /// Receives the head of the response.
    ///
    /// - Throws: `VaultError` to abort the request.
    func didReceive(_ head: ResponseHead) async throws(VaultError)
    /// Receives a chunk of the response's body, with secrets masked.
    ///
    /// - Throws: `VaultError` to abort the request.
    func didReceive(_ bytes: [UInt8]) async throws(VaultError)
}

extension Broker {
    /// Sends a request with the connection's authorization, and passes the response on with secrets masked.
    ///
    /// Redirects are not followed. If a cached token is rejected with 401, a request without a body is repeated once
    /// with a new token.
    ///
    /// - Returns: The head of the response, after the delegate received the body.
    /// - Throws: `VaultError`: what `performer` or `delegate` throws, `invalid` for a header field that callers may not
    ///   set, and `outside` if the exchange fails.
    public func send(
        _ request: ConnectionRequest, delegate: any RequestDelegate, by performer: any VaultPerformer
    ) async throws(VaultError) -> ResponseHead {
        let use = try await performer.perform(
            OpenConnection(
                request.connection,
                for: .request(
                    method: request.method, path: request.path, headers: request.headers.map(\.name))))
        let head = try requestHead(request, use)
        let hasBody = request.body != .none
        for isFirst in [true, false] {
            let lines = try await authorizationLines(of: use, by: performer)
            let exchange = try await exchange(
                head, with: use.destination, lines: lines, isComplete: !hasBody,
                timeout: limits.responseTimeout)
            defer { exchange.abandon() }
            if hasBody { try await sendBody(of: request, to: exchange, from: delegate) }
            let response = try await exchange.responseHead()
            if isFirst, response.status == .unauthorized, !hasBody, discardToken(in: lines, of: use) {
                continue
            }
            return try await relay(response, exchange, use.destination.host, lines, delegate)
        }
        throw .outside(.lost(host: use.destination.host))
    }

    private func requestHead(_ request: ConnectionRequest, _ use: OpenedConnection) throws(VaultError)
        -> HTTPRequestHead
    {
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.path.text)
        head.headers.add(name: "host", value: use.destination.authority)
        var given: Set<String> = []
        for header in request.headers {
            do {
                let checked = try CallerHeader(
                    name: header.name, value: header.value, own: use.authorizationHeaderNames)
                head.headers.add(name: checked.name, value: checked.value)
                given.insert(checked.name.lowercased())
            } catch {
                throw .input(.invalid([error]))
            }
        }
        if !given.contains("accept") { head.headers.add(name: "accept", value: "*/*") }
        if !given.contains("user-agent") { head.headers.add(name: "user-agent", value: userAgent) }
        // Secrets can be masked only in a response that is not encoded.
        head.headers.add(name: "accept-encoding", value: "identity")
        switch request.body {
        case .none:
            if ["POST", "PUT", "PATCH"].contains(request.method) {
                head.headers.add(name: "content-length", value: "0")
            }
        case .length(let length): head.headers.add(name: "content-length", value: String(length))
        case .unknown: head.headers.add(name: "transfer-encoding", value: "chunked")
        }
        return head
    }

    private func sendBody(
        of request: ConnectionRequest, to exchange: HTTPExchange, from delegate: any RequestDelegate
    ) async throws(VaultError) {
        var sent: UInt64 = 0
        var isWanted = true
        while let chunk = try await delegate.nextBodyChunk() {
            sent += UInt64(chunk.count)
            if case .length(let declared) = request.body, sent > declared {
                throw .outside(.bodyLength(declared: declared))
            }
            guard isWanted else { continue }
            isWanted = try await exchange.send(ByteBuffer(bytes: chunk))
        }
        if case .length(let declared) = request.body, sent != declared {
            throw .outside(.bodyLength(declared: declared))
        }
        exchange.end()
    }

    private func relay(
        _ response: HTTPResponseHead, _ exchange: HTTPExchange, _ host: String, _ lines: AuthorizationLines,
        _ delegate: any RequestDelegate
    ) async throws(VaultError) -> ResponseHead {
        let patterns = PatternSet(masking: lines.secrets)
        let head = ResponseHead(
            status: Int(response.status.code), reason: patterns.masked(response.status.reasonPhrase),
            headers: response.headers.map { (patterns.masked($0.name), patterns.masked($0.value)) },
            host: host)
        try await delegate.didReceive(head)
        let mask = BufferMask(patterns)
        while let chunk = try await exchange.next() {
            let bytes = mask.take(chunk)
            if bytes.readableBytes > 0 { try await delegate.didReceive(Array(bytes.readableBytesView)) }
        }
        let rest = mask.finish()
        if rest.readableBytes > 0 { try await delegate.didReceive(Array(rest.readableBytesView)) }
        return head
    }
}
