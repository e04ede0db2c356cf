import CPlatform
import Libc
public import VaultCore
public import VaultLedger

/// A client's connection to an agent. It carries one request at a time.
///
/// A failure in the agent is thrown here as the same `VaultError`.
public final class AgentConnection: Operator {
    private var socket: WireSocket
    /// Where to reconnect; nil for an agent that was started for this connection alone.
    private let endpoint: AgentEndpoint?
    private var hasSentRequest = false
    /// The member who has unlocked the agent's vault; nil while it is locked.
    public let unlockedAs: String?
    /// The member that requests are sent as; nil accepts the unlocked member.
    public var member: String?
    /// The user's reason, recorded in the ledger.
    public var reason: String?
    /// The operation ID for the ledger entries of the next request.
    public var operation: Identifier?
    /// Called with each notice that arrives before an answer.
    public var notice: (Notice) -> Void = { _ in }

    /// How long the agent may take to send its hello, in seconds. It sends one even while it is busy.
    private static let helloTimeout: Int32 = 10

    /// Connects to the agent at an endpoint.
    ///
    /// - Returns: nil if no agent listens there.
    /// - Throws: `VaultError.agent`: `foreign` if the socket or its folder is not this user's alone, `older` or `newer`
    ///   for another protocol version, and otherwise `noAnswer`, `malformed` or `gone`.
    public static func connect(to endpoint: AgentEndpoint) throws(VaultError) -> AgentConnection? {
        guard try endpoint.exists() else { return nil }
        let descriptor = unsafe platform_connect(endpoint.socket)
        if descriptor < 0, [ECONNREFUSED, ENOENT].contains(errno) { return nil }
        guard descriptor >= 0 else { throw .noAnswer(at: endpoint.socket) }
        return try AgentConnection(descriptor, path: endpoint.socket, at: endpoint)
    }

    /// Sends SIGTERM to the agent at an endpoint, regardless of its protocol version. The agent locks before it exits.
    ///
    /// - Returns: Whether an agent was listening.
    /// - Throws: `VaultError.agent`: `foreign` if the socket is not this user's alone, `noAnswer` if the process cannot
    ///   be signaled.
    public static func terminate(at endpoint: AgentEndpoint) throws(VaultError) -> Bool {
        guard try endpoint.exists() else { return false }
        let descriptor = unsafe platform_connect(endpoint.socket)
        guard descriptor >= 0 else { return false }
        let socket = try WireSocket(descriptor, path: endpoint.socket)
        guard socket.peer > 0, kill(socket.peer, SIGTERM) == 0 else {
            throw .agent(.noAnswer(path: endpoint.socket, why: "it cannot be terminated"))
        }
        return true
    }

    /// Takes ownership of a connected descriptor, and exchanges hellos.
    init(_ descriptor: Int32, path: String, at endpoint: AgentEndpoint? = nil) throws(VaultError) {
        self.endpoint = endpoint
        socket = try WireSocket(descriptor, path: path)
        try socket.send(Frame(.hello, Hello(version: ProgramVersion.text)))
        let first = try socket.receive(within: Self.helloTimeout)
        // An agent that cannot start sends the reason in place of its hello.
        if first.kind == .failure { throw try first.value(VaultError.self) }
        guard first.kind == .hello else { throw .agent(.malformed) }
        let hello: Hello = try first.value()
        try hello.checkVersion()
        unlockedAs = hello.unlockedAs
    }

    /// Sends a request without streams, and waits for its answer.
    ///
    /// - Throws: The `VaultError` that the agent failed with; `VaultError.agent` if the connection fails: `gone`,
    ///   `malformed`, or `overloaded` for a request that does not fit in a frame.
    public func perform<R: Request>(_ request: R) throws(VaultError) -> R.Answer {
        try begin(request)
        guard case .answer(let answer) = try next() else { throw .agent(.malformed) }
        return try answer.value()
    }

    // MARK: Requests with streams

    /// Sends a request with streams. Then call `sendChunk(_:)` and `next()`, each from one thread, until the answer
    /// arrives.
    ///
    /// - Throws: `VaultError.agent`: `gone` if the connection is closed, `overloaded` if the request does not fit in a
    ///   frame.
    public func begin<R: Request>(_ request: R) throws(VaultError) {
        let frame = try Frame(request: request, member: member, reason: reason, operation: operation)
        defer { hasSentRequest = true }
        do throws(VaultError) { try socket.send(frame) } catch {
            // A busy agent closes connections that have sent no request yet, for example while the user types a
            // passphrase.
            guard error == .agent(.gone), !hasSentRequest, let endpoint,
                let again = try Self.connect(to: endpoint), again.unlockedAs == unlockedAs
            else { throw error }
            socket = again.socket
            try socket.send(frame)
        }
    }

    /// Sends a chunk of the request's stream. Blocks while the agent does not read.
    ///
    /// - Parameter bytes: At most `Frame.Limit.body` bytes.
    /// - Throws: `VaultError.agent(.gone)` if the connection is closed.
    public func sendChunk(_ bytes: [UInt8]) throws(VaultError) {
        try socket.send(Frame(chunk: bytes))
    }

    /// Ends the request's stream.
    ///
    /// - Throws: `VaultError.agent(.gone)` if the connection is closed.
    public func endStream() throws(VaultError) { try socket.send(Frame(.end)) }

    /// A message from the agent.
    public enum Event {
        /// A chunk of the answer's stream.
        case chunk([UInt8])
        /// The end of the answer's stream; the answer itself follows.
        case streamEnded
        /// The frame with the answer, which ends the request.
        case answer(Frame)
    }

    /// Waits for the next event. Notices are passed to `notice`.
    ///
    /// - Throws: The `VaultError` that the agent failed with; `VaultError.agent`: `gone` or `malformed`.
    public func next() throws(VaultError) -> Event {
        while true {
            let frame = try socket.receive()
            switch frame.kind {
            case .answer: return .answer(frame)
            case .chunk: return .chunk(frame.bytes)
            case .end: return .streamEnded
            case .notice: notice(try frame.value())
            case .failure: throw try frame.value(VaultError.self)
            case .hello, .request, .cancel: throw .agent(.malformed)
            }
        }
    }
}
