import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking

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
        if head.status.code >= 400 { request.countFailure() }
        let isEmpty = request.head.method == .HEAD || [204, 304].contains(head.status.code)
        let (headers, length) = head.headers.returned(masking: opened.patterns)
        var answer = HTTPResponseHead(
            version: request.head.version, status: HTTPResponseStatus(statusCode: Int(head.status.code)),
            headers: headers)
        if !request.keepsAlive { answer.headers.add(name: "connection", value: "close") }
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
            request.waitingHead = answer
            request.waitsForBody = length != nil
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
            writeWaitingHead()
            let bytes = mask.take(body)
            if bytes.readableBytes > 0 { write(.body(.byteBuffer(bytes))) }
        case .none, .dropped, .empty: break
        }
    }

    func answeredForNow() {
        guard let request, case .streamed = request.answer else { return }
        if !request.waitsForBody { writeWaitingHead() }
        flush()
    }

    private func writeWaitingHead() {
        guard let head = request?.waitingHead else { return }
        request?.waitingHead = nil
        write(.head(head))
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
            writeWaitingHead()
            let rest = mask.finish()
            if rest.readableBytes > 0 { write(.body(.byteBuffer(rest))) }
        case .none, .empty: break
        }
        finish()
    }

    private func renew(_ request: ProxiedRequest, _ opened: Lane.Opened) {
        stage = .starting
        request.answer = .none
        ask { [lane = request.lane] () async throws(VaultError) in try await lane.renew(opened) }
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
        request.countFailure()
        if request.isAnswered, !isUnwritten(request) {
            // The head is out: the only way to say that the answer is not whole.
            context?.close(promise: nil)
            return
        }
        request.answer = .none
        request.waitingHead = nil
        let isSlow = if case .timedOut = fault { true } else { false }
        refuse(isSlow ? .gatewayTimeout : .badGateway, fault.what, fault.next)
    }

    /// Whether nothing of the answer was written yet.
    private func isUnwritten(_ request: ProxiedRequest) -> Bool {
        switch request.answer {
        case .held, .none, .dropped: true
        case .streamed: request.waitingHead != nil
        case .empty: false
        }
    }

    func canSend(_ can: Bool) { if can { readOn() } }
}
