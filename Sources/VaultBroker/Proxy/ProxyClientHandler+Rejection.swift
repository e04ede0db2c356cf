import NIOCore
import NIOHTTP1
import VaultRegistry

// Responses by the proxy itself.
extension ProxyClientHandler {
    /// Rejects a request that failed the access check or names no route.
    func reject(_ head: HTTPRequestHead, _ verdict: ProxyAccessCheck.Verdict) {
        switch verdict {
        case .allowed:
            reject(
                head, "the path does not start with a connection of this proxy",
                "use \(routes.keys.sorted().map { "/" + $0 }.joined(separator: " or "))", .notFound)
        case .missingToken:
            reject(
                head, "the request does not contain this proxy's token",
                "send it as a bearer token, or where the client sends its key", .unauthorized)
        case .wrongHost:
            reject(head, "the request is for another host", "use the proxy's address", .forbidden)
        case .crossOrigin:
            reject(
                head, "the request comes from a web page", "use a client outside the browser", .forbidden)
        }
    }

    /// Rejects a request before it is assigned to a route.
    func reject(
        _ head: HTTPRequestHead, _ what: String, _ next: String, _ status: HTTPResponseStatus = .badRequest
    ) {
        // Only for `head`; the route and the path are not used.
        if let route = routes.first?.value, let path = try? RequestPath("/") {
            request = ProxiedRequest(head, route, path)
        }
        respond(status, what, next)
    }

    /// Responds with an error, in the same two lines as the command line, and discards the rest of the request.
    func respond(_ status: HTTPResponseStatus, _ what: String, _ next: String) {
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
            stage = .rejected
            // Limits how long a client may continue to send a rejected request.
            context.eventLoop.scheduleTask(in: .seconds(5)) { [request = self.request] in
                if self.stage == .rejected, self.request === request { self.context?.close(promise: nil) }
            }
            processParts()
            resumeReading()
        }
    }

    /// Tells the client to send its body (RFC 9110, section 10.1.1).
    func sendContinue() {
        guard
            let encoder = try? context?.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        else { return }
        let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(line)), promise: nil)
    }
}
