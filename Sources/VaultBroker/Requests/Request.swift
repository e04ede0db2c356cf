import NIOCore
import NIOHTTP1
public import VaultCore
import VaultLedger
import VaultMasking
import VaultMemory
public import VaultRegistry

/// One request to a connection's own host.
public struct Call: Sendable {
    public let connection: String
    public let method: String
    public let path: RequestPath
    /// As the caller gave them; which of them may be sent is decided when the connection is open.
    public let headers: [(name: String, value: String)]
    /// Whether a body follows, and how long it is where that is known.
    public let body: Body

    public enum Body: Sendable, Equatable {
        case none
        case length(UInt64)
        case unknown
    }

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

/// The beginning of an answer, with what it echoes of a secret masked.
public struct AnswerHead: Sendable {
    public let status: Int
    public let reason: String
    public let headers: [(name: String, value: String)]
    public let host: String
}

/// Where a request's body comes from and its answer goes to.
public protocol Conversation: Sendable {
    /// The next piece of the body; nil at its end.
    func nextPiece() async throws(VaultError) -> [UInt8]?
    func answered(_ head: AnswerHead) async throws(VaultError)
    func answered(_ bytes: [UInt8]) async throws(VaultError)
}

extension Broker {
    /// Sends a request of a caller who has no secret, and gives back what is answered, with every secret masked.
    ///
    /// Nothing is followed to another host. A 401 for a token that was kept is asked again once with a new one, where
    /// there is no body that was sent already.
    ///
    /// - Returns: the head of the answer, after its body was handed over.
    public func request(
        _ call: Call, with other: any Conversation, by opener: any Opener
    ) async throws(VaultError) -> AnswerHead {
        let use = try await opener.open(
            call.connection,
            for: .request(method: call.method, path: call.path, headers: call.headers.map(\.name)),
            label: .current)
        let head = try requestHead(call, use)
        for isFirst in [true, false] {
            let (lines, token) = try await lines(of: use, by: opener)
            let exchange = try await begin(head, call, use, lines)
            defer { exchange.abandon() }
            if call.body != .none { try await send(call, to: exchange, from: other) }
            let answer = try await withFault { () throws(OutsideFault) in try await exchange.answer() }
            if isFirst, answer.status == .unauthorized, call.body == .none, let token,
                case .token(let plan) = use.proof
            {
                tokens.drop(plan.key, token)
                continue
            }
            return try await relay(answer, exchange, use, lines, other)
        }
        throw .outside(.lost(host: use.destination.host))
    }

    private func begin(
        _ head: HTTPRequestHead, _ call: Call, _ use: OpenedUse, _ lines: HeaderLines
    ) async throws(VaultError) -> Exchange {
        try await withFault { () throws(OutsideFault) in
            try await Exchange.begin(
                head, to: use.destination, lines: lines, isWhole: call.body == .none, silence: limits.silence,
                pool: upstreams.pool(on: group.next()))
        }
    }

    private func requestHead(_ call: Call, _ use: OpenedUse) throws(VaultError) -> HTTPRequestHead {
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: call.method), uri: call.path.text)
        head.headers.add(name: "host", value: use.destination.authority)
        var given: Set<String> = []
        for header in call.headers {
            do {
                let checked = try CallerHeader(name: header.name, value: header.value, own: use.ownHeaders)
                head.headers.add(name: checked.name, value: checked.value)
                given.insert(checked.name.lowercased())
            } catch {
                throw .invalid([error])
            }
        }
        if !given.contains("accept") { head.headers.add(name: "accept", value: "*/*") }
        if !given.contains("user-agent") { head.headers.add(name: "user-agent", value: userAgent) }
        // Whatever comes back has to be readable, to be masked.
        head.headers.add(name: "accept-encoding", value: "identity")
        switch call.body {
        case .none:
            if ["POST", "PUT", "PATCH"].contains(call.method) {
                head.headers.add(name: "content-length", value: "0")
            }
        case .length(let length): head.headers.add(name: "content-length", value: String(length))
        case .unknown: head.headers.add(name: "transfer-encoding", value: "chunked")
        }
        return head
    }

    private func send(
        _ call: Call, to exchange: Exchange, from other: any Conversation
    ) async throws(VaultError) {
        var sent: UInt64 = 0
        var isWanted = true
        while let piece = try await other.nextPiece() {
            sent += UInt64(piece.count)
            if case .length(let declared) = call.body, sent > declared {
                throw .outside(.bodyLength(declared: declared))
            }
            guard isWanted else { continue }
            isWanted = try await withFault { () throws(OutsideFault) in
                try await exchange.send(ByteBuffer(bytes: piece))
            }
        }
        if case .length(let declared) = call.body, sent != declared {
            throw .outside(.bodyLength(declared: declared))
        }
        exchange.end()
    }

    private func relay(
        _ answer: HTTPResponseHead, _ exchange: Exchange, _ use: OpenedUse, _ lines: HeaderLines,
        _ other: any Conversation
    ) async throws(VaultError) -> AnswerHead {
        let patterns = PatternSet(masking: lines.secrets.map { LentSecret($0) })
        let head = AnswerHead(
            status: Int(answer.status.code), reason: patterns.masked(answer.status.reasonPhrase),
            headers: answer.headers.map { (patterns.masked($0.name), patterns.masked($0.value)) },
            host: use.destination.host)
        try await other.answered(head)
        var mask = BufferMask(patterns)
        while let piece = try await withFault({ () throws(OutsideFault) in try await exchange.next() }) {
            let bytes = mask.take(piece)
            if bytes.readableBytes > 0 { try await other.answered(Array(bytes.readableBytesView)) }
        }
        let rest = mask.finish()
        if rest.readableBytes > 0 { try await other.answered(Array(rest.readableBytesView)) }
        return head
    }
}

/// Turns the other side's failures into the vault's errors.
func withFault<T: Sendable>(
    _ body: () async throws(OutsideFault) -> T
) async throws(VaultError) -> T {
    do { return try await body() } catch { throw .outside(error) }
}
