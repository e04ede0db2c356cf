import CPlatform
public import VaultCore
public import VaultLedger

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A connection to an agent: questions go out, and their answers come back as if they had been worked out here.
///
/// One question at a time. A failure of the agent's is thrown as the `VaultError` that it was.
public final class AgentConnection: Operator {
    private var socket: WireSocket
    private let path: String
    /// Where to connect again; nil for an agent that was started for this connection.
    private let place: AgentPlace?
    private var hasAsked = false
    /// The member whom the agent has the vault open as; nil while it is locked.
    public let openAs: String?
    /// The agent's process; 0 where the system does not say.
    public var peer: Int32 { socket.peer }
    /// Who asks, where it matters; why, for the ledger; and whom to tell meanwhile.
    public var member: String?
    public var reason: String?
    /// The id for the entries of what is asked next.
    public var operation: Identifier?
    public var notice: (Notice) -> Void = { _ in }

    /// How long a first word may take, in seconds: the agent says it whatever else it does.
    private static let patience: Int32 = 10

    /// A connection to the agent at a place, nil where there is none.
    public static func to(_ place: AgentPlace) throws(VaultError) -> AgentConnection? {
        do throws(AgentFault) {
            guard try place.isThere() else { return nil }
            let descriptor = unsafe platform_connect(place.socket)
            if descriptor < 0, [ECONNREFUSED, ENOENT].contains(errno) { return nil }
            guard descriptor >= 0 else { throw .noAnswer(path: place.socket, why: WireSocket.reason) }
            return try AgentConnection(descriptor, path: place.socket, at: place)
        } catch {
            throw .agent(error)
        }
    }

    /// Ends the agent at a place, whatever it speaks: it locks as it ends. False where there is none.
    public static func end(at place: AgentPlace) throws(VaultError) -> Bool {
        do throws(AgentFault) {
            guard try place.isThere() else { return false }
            let descriptor = unsafe platform_connect(place.socket)
            guard descriptor >= 0 else { return false }
            let socket = try WireSocket(descriptor, path: place.socket)
            guard socket.peer > 0, kill(socket.peer, SIGTERM) == 0 else {
                throw .noAnswer(path: place.socket, why: "it cannot be ended")
            }
            return true
        } catch {
            throw .agent(error)
        }
    }

    /// Takes a connected descriptor over, and exchanges the first words.
    init(_ descriptor: Int32, path: String, at place: AgentPlace? = nil) throws(AgentFault) {
        (self.path, self.place) = (path, place)
        socket = try WireSocket(descriptor, path: path)
        do throws(AgentFault) {
            try socket.send(Frame(.hello, Hello(version: ProgramVersion.text)))
            let first = try socket.receive(within: Self.patience)
            guard first.kind == .hello else {
                // An agent that cannot take this connection says why in place of a greeting.
                if first.kind == .failure, case .agent(let fault) = try first.value(VaultError.self) {
                    throw fault
                }
                throw .malformed
            }
            let hello: Hello = try first.value()
            try hello.check()
            openAs = hello.openAs
        } catch {
            if case .noAnswer(_, let why) = error { throw .noAnswer(path: path, why: why) }
            throw error
        }
    }

    public func perform<O: Operation>(_ operation: O) throws(VaultError) -> O.Answer { try ask(operation) }

    /// Asks a question that has no stream, and waits for the answer.
    public func ask<Q: Question>(_ question: Q) throws(VaultError) -> Q.Answer {
        try begin(question)
        guard case .answer(let answer) = try next() else { throw .agent(.malformed) }
        return try answer.read(as: Q.self)
    }

    // A question with streams: begin, then send and receive pieces, from one thread each, until the answer comes.

    public func begin<Q: Question>(_ question: Q) throws(VaultError) {
        let frame = try catching { () throws(AgentFault) in
            try Frame(asking: question, member: member, reason: reason, operation: operation)
        }
        defer { hasAsked = true }
        do throws(AgentFault) { try socket.send(frame) } catch {
            // An agent that many connect to lets go of those who ask nothing, as while somebody types a passphrase.
            guard error == .gone, !hasAsked, let place, let again = try Self.to(place), again.openAs == openAs
            else { throw .agent(error) }
            socket = again.socket
            try catching { () throws(AgentFault) in try socket.send(frame) }
        }
    }

    /// Sends a piece of the question's stream; waits while the other side takes none.
    public func send(_ bytes: [UInt8]) throws(VaultError) {
        try catching { () throws(AgentFault) in try socket.send(Frame(chunk: bytes)) }
    }

    /// Ends the question's stream.
    public func endStream() throws(VaultError) {
        try catching { () throws(AgentFault) in try socket.send(Frame(.end)) }
    }

    /// What comes from the agent.
    public enum Event {
        case chunk([UInt8])
        /// The answer's stream has ended; the answer itself still comes.
        case streamEnded
        case answer(Reply)
    }

    /// An answer that has come, to be read as what was asked.
    public struct Reply {
        fileprivate let frame: Frame

        public func read<Q: Question>(as question: Q.Type) throws(VaultError) -> Q.Answer {
            do throws(AgentFault) { return try frame.value(Q.Answer.self) } catch { throw .agent(error) }
        }
    }

    /// Waits for the next event; notices go to `notice` meanwhile, and a failure is thrown.
    public func next() throws(VaultError) -> Event {
        while true {
            let frame = try catching { () throws(AgentFault) in try socket.receive() }
            switch frame.kind {
            case .answer: return .answer(Reply(frame: frame))
            case .chunk: return .chunk(frame.bytes)
            case .end: return .streamEnded
            case .notice:
                notice(try catching { () throws(AgentFault) in try frame.value(Notice.self) })
            case .failure:
                throw try catching { () throws(AgentFault) in try frame.value(VaultError.self) }
            case .hello, .question, .cancel: throw .agent(.malformed)
            }
        }
    }

    private func catching<T>(_ body: () throws(AgentFault) -> T) throws(VaultError) -> T {
        do throws(AgentFault) { return try body() } catch { throw .agent(error) }
    }
}
