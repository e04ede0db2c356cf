import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking

// Forwards responses to the client, with secrets masked.
extension ProxyClientHandler: ResponseReceiver {
    func didReceive(_ head: HTTPResponseHead) {
        guard let request, let opened = request.opened else { return }
        let isTokenRejected = head.status == .unauthorized && opened.lines.token != nil
        if isTokenRejected, !request.hasRenewedToken, !request.hasSentBody, request.hasEnded {
            request.hasRenewedToken = true
            request.response = .discarded
            return
        }
        if head.status.code >= 400 { request.countFailure() }
        let isEmpty = request.head.method == .HEAD || [204, 304].contains(head.status.code)
        let (headers, length) = head.headers.returned(masking: opened.patterns)
        var response = HTTPResponseHead(
            version: request.head.version, status: HTTPResponseStatus(statusCode: Int(head.status.code)),
            headers: headers)
        if !request.keepsAlive { response.headers.add(name: "connection", value: "close") }
        if isEmpty {
            request.response = .empty
            write(.head(response))
        } else if let length, length <= broker.limits.maxBufferedResponse {
            request.response = .buffered(response, ByteBuffer())
        } else {
            response.headers.remove(name: "content-length")
            if request.head.version != .http1_0 {
                response.headers.add(name: "transfer-encoding", value: "chunked")
            }
            request.response = .streamed(BufferMask(opened.patterns))
            request.pendingHead = response
            request.isBodyExpected = length != nil
        }
    }

    func didReceive(_ body: ByteBuffer) {
        guard let request else { return }
        switch request.response {
        case .buffered(let head, var buffer):
            // Releases the enum's reference, so that appending does not copy.
            request.response = .none
            if buffer.readableBytes == 0 { buffer = body } else { buffer.writeImmutableBuffer(body) }
            request.response = .buffered(head, buffer)
        case .streamed(let mask):
            writePendingHead()
            let bytes = mask.take(body)
            if bytes.readableBytes > 0 { write(.body(.byteBuffer(bytes))) }
        case .none, .discarded, .empty: break
        }
    }

    func didCompleteRead() {
        guard let request, case .streamed = request.response else { return }
        if !request.isBodyExpected { writePendingHead() }
        flush()
    }

    private func writePendingHead() {
        guard let head = request?.pendingHead else { return }
        request?.pendingHead = nil
        write(.head(head))
    }

    func didReceiveEnd() {
        guard let request, let opened = request.opened else { return }
        request.upstream = nil
        switch request.response {
        case .discarded: return renewToken(request, opened)
        case .buffered(var head, var body):
            if unsafe body.withUnsafeReadableBytes({ unsafe opened.patterns.matches(in: $0) }) {
                let mask = BufferMask(opened.patterns)
                var masked = mask.take(body)
                masked.writeImmutableBuffer(mask.finish())
                body = masked
                head.headers.replaceOrAdd(name: "content-length", value: String(body.readableBytes))
            }
            write(.head(head))
            if body.readableBytes > 0 { write(.body(.byteBuffer(body))) }
        case .streamed(let mask):
            writePendingHead()
            let rest = mask.finish()
            if rest.readableBytes > 0 { write(.body(.byteBuffer(rest))) }
        case .none, .empty: break
        }
        finish()
    }

    private func renewToken(_ request: ProxiedRequest, _ opened: ProxyRoute.Opened) {
        stage = .starting
        request.response = .none
        openRoute { [route = request.route] () async throws(VaultError) in
            try await route.renewToken(of: opened)
        }
    }

    func didFail(_ fault: OutsideFault) {
        guard let request, stage != .closed else { return }
        let wasReused = request.upstream?.isReused ?? false
        request.upstream = nil
        if case .lost = fault, wasReused, request.isRepeatable, let opened = request.opened {
            request.hasRetried = true
            return start(opened, fresh: true)
        }
        request.countFailure()
        if request.isWritten {
            // The head is sent, so closing the connection is the only way to report an incomplete response.
            context?.close(promise: nil)
            return
        }
        request.response = .none
        request.pendingHead = nil
        let isTimeout = if case .timedOut = fault { true } else { false }
        respond(isTimeout ? .gatewayTimeout : .badGateway, fault.what, fault.next)
    }

    func didChangeWritability(_ isWritable: Bool) { if isWritable { resumeReading() } }
}
