import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking
import VaultRegistry

/// The state of one request, from its head to the end of its response. Used on its event loop only.
final class ProxiedRequest: @unchecked Sendable {
    let head: HTTPRequestHead
    let route: ProxyRoute
    let path: RequestPath
    let keepsAlive: Bool
    var opened: ProxyRoute.Opened?
    var upstream: UpstreamConnection?
    var hasSentBody = false
    var hasEnded = false
    var hasRetried = false
    var hasRenewedToken = false
    /// Whether the route's tally includes the request.
    var isCounted = false
    private var hasFailed = false
    var response: Response = .none
    /// The head of a streamed response until it is written. Up to then, an error can replace the response.
    var pendingHead: HTTPResponseHead?
    /// Whether a body is certain to follow, so that the head can be written together with it.
    var isBodyExpected = false

    /// How the response is forwarded.
    enum Response {
        case none
        /// A 401 for a cached token; the request is repeated with a new one.
        case discarded
        /// Buffered until it is complete, so that it keeps its Content-Length.
        case buffered(HTTPResponseHead, ByteBuffer)
        /// Masked as it arrives.
        case streamed(BufferMask)
        /// No body: a response to HEAD, 204 or 304.
        case empty
    }

    init(_ head: HTTPRequestHead, _ route: ProxyRoute, _ path: RequestPath) {
        self.head = head
        self.route = route
        self.path = path
        keepsAlive = head.isKeepAlive && head.version != .http1_0
    }

    /// Whether the request is idempotent and can be sent again, since no response has arrived.
    var isRepeatable: Bool {
        guard !hasSentBody, !hasRetried else { return false }
        switch response {
        case .none, .discarded: return [.GET, .HEAD, .OPTIONS, .PUT, .DELETE].contains(head.method)
        case .buffered, .streamed, .empty: return false
        }
    }

    /// Whether a part of the response is written, so that an error cannot replace it.
    var isWritten: Bool {
        switch response {
        case .none, .discarded, .buffered: false
        case .streamed: pendingHead == nil
        case .empty: true
        }
    }

    /// Whether the client waits for `100 Continue` before it sends its body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool {
        head.headers.contains { HeaderKind($0.name) == .expect && isSame($0.value, "100-continue") }
    }

    /// Counts the request as failed: it received an error or no response.
    func countFailure() {
        guard !hasFailed else { return }
        hasFailed = true
        route.updateTally { $0.failed += 1 }
    }
}
