import NIOCore
import NIOHTTP1
import VaultRegistry

// What the proxy answers by itself.
extension ProxyClient {
    func turnAway(_ head: HTTPRequestHead, _ verdict: ProxyGuard.Verdict) {
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

    func turnAway(
        _ head: HTTPRequestHead, _ what: String, _ next: String, _ status: HTTPResponseStatus = .badRequest
    ) {
        // With nothing known of the request but its head.
        number += 1
        if let lane = lanes.first?.value, let path = try? RequestPath("/") {
            request = ProxiedRequest(number, head, lane, path)
        }
        refuse(status, what, next)
    }

    /// Answers by itself, in two lines as every error of this program; what is left of the request is dropped.
    func refuse(_ status: HTTPResponseStatus, _ what: String, _ next: String) {
        guard stage != .closed, let context else { return }
        let body = ByteBuffer(string: "vault: error: \(what)\nvault: next: \(next)\n")
        var head = HTTPResponseHead(version: .http1_1, status: status)
        head.headers = [
            "content-type": "text/plain; charset=utf-8", "content-length": String(body.readableBytes),
        ]
        if status == .unauthorized {
            head.headers.add(name: "www-authenticate", value: "Bearer realm=\"vault\"")
        }
        let keepsAlive = request?.keepsAlive ?? false
        if !keepsAlive { head.headers.add(name: "connection", value: "close") }
        write(.head(head))
        if request?.head.method != .HEAD { write(.body(.byteBuffer(body))) }
        if request?.hasEnded == true {
            stage = .answering
            finish()
        } else {
            write(.end(nil))
            flush()
            stage = .refused
            // A client that goes on sending is not listened to for long.
            let closing = NIOLoopBound(context, eventLoop: context.eventLoop)
            let number = request?.number
            context.eventLoop.scheduleTask(in: .seconds(5)) {
                if self.stage == .refused, self.request?.number == number {
                    closing.value.close(promise: nil)
                }
            }
            proceed()
            readOn()
        }
    }

    /// RFC 9110, section 10.1.1: the client waits for leave to send its body.
    func invite() {
        guard
            let encoder = try? context?.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        else { return }
        let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(line)), promise: nil)
    }
}
