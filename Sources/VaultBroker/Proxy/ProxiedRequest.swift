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
    /// Whether the ledger's count has it, and has it as failed.
    var isCounted = false
    private var hasFailed = false
    var answer: Answer = .none
    /// The head of a streamed answer until it is written: up to then the answer can still become an error.
    var waitingHead: HTTPResponseHead?
    /// Whether a body is certain to follow, so that the head waits for it.
    var waitsForBody = false

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

    /// Whether the client waits for leave to send its body (RFC 9110, section 10.1.1).
    var expectsLeave: Bool {
        head.headers.contains { HeaderKind($0.name) == .expect && isSame($0.value, "100-continue") }
    }

    /// It is answered with an error, or not at all.
    func countFailure() {
        guard !hasFailed else { return }
        hasFailed = true
        lane.count { $0.failed += 1 }
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

    func take(_ buffer: ByteBuffer) -> ByteBuffer { mask.take(buffer) }
    func finish() -> ByteBuffer { mask.finish() }
}
