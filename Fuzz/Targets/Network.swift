import NIOCore
import NIOEmbedded
import NIOHTTP1
import VaultCore
import VaultLedger
import VaultMasking
import VaultMemory

@testable import VaultBroker

private let secret = Array("sec-\"ret/key+1&2".utf8)

/// Records the parts of a response.
private final class Answer: ResponseReceiver {
    var heads: [HTTPResponseHead] = []
    var body: [UInt8] = []
    var isWhole = false
    var fault: OutsideFault?

    func didReceive(_ head: HTTPResponseHead) { heads.append(head) }
    func didReceive(_ bytes: ByteBuffer) {
        expect(!heads.isEmpty, "a body arrived before its head")
        expect(fault == nil && !isWhole, "a body arrived after the end")
        body += Array(bytes.readableBytesView)
    }
    func didCompleteRead() {}
    func didReceiveEnd() { isWhole = true }
    func didFail(_ fault: OutsideFault) { self.fault = fault }
    func didChangeWritability(_ isWritable: Bool) {}
}

/// HTTP responses, through the handlers of a connection: the secret is masked, no content coding passes, and the result
/// does not depend on how the input is split. `KEY` is replaced by the secret.
@Sendable func fuzzAnswer(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    let piece = input.number(upTo: 63) + 1
    let wire = replacingKey(input.all())
    let method: HTTPMethod = options & 1 == 0 ? .GET : .HEAD
    let whole = answer(wire, method, by: wire.count + 1)
    let pieces = answer(wire, method, by: piece)
    expect(
        whole.heads == pieces.heads && whole.isWhole == pieces.isWhole,
        "a response depends on how it is split")
    if whole.fault == nil { expect(whole.body == pieces.body, "a body depends on how it is split") }
    guard let head = whole.heads.last else { return expect(whole.body.isEmpty, "a body without a head") }
    let isEmpty = method == .HEAD || [204, 304].contains(head.status.code)
    expect(isEmpty || !head.headers.declaresContentCoding, "a response with a content coding passed")
    let isCoded = [[0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd]].contains { whole.body.starts(with: $0) }
    expect(isEmpty || !isCoded, "a compressed body passed")
    check(masking: whole, head)
}

private func replacingKey(_ bytes: [UInt8]) -> [UInt8] {
    var (result, index): ([UInt8], Int) = ([], 0)
    while index < bytes.count {
        if bytes[index...].starts(with: "KEY".utf8) {
            result += secret
            index += 3
        } else {
            result.append(bytes[index])
            index += 1
        }
    }
    return result
}

private func answer(_ wire: [UInt8], _ method: HTTPMethod, by count: Int) -> Answer {
    let channel = EmbeddedChannel()
    let upstream = UpstreamConnection(Destination(host: "a.example.com"), on: channel.embeddedEventLoop)
    let pipeline = channel.pipeline.syncOperations
    let answer = Answer()
    do {
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(upstream)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    } catch {
        fatalError("can't set up the pipeline: \(error)")
    }
    upstream.ready.succeed()
    upstream.begin(
        HTTPRequestHead(version: .http1_1, method: method, uri: "/", headers: ["host": "a"]), lines: nil,
        timeout: .seconds(60), receiver: answer)
    upstream.end()
    for start in stride(from: 0, to: wire.count, by: count) {
        let piece = ByteBuffer(bytes: wire[start..<min(start + count, wire.count)])
        _ = try? channel.writeInbound(piece)
    }
    channel.pipeline.fireChannelInactive()
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return answer
}

private func check(masking answer: Answer, _ head: HTTPResponseHead) {
    let patterns = PatternSet(masking: [SharedSecret(SecretBytes(copying: secret))])
    let (headers, _) = head.headers.returned(masking: patterns)
    for (name, value) in headers where HeaderKind(name) != .connection {
        expect(!contains(Array(value.utf8), secret), "a header contains the secret")
    }
    let mask = BufferMask(patterns)
    var output: [UInt8] = []
    for start in stride(from: 0, to: answer.body.count, by: 7) {
        let piece = ByteBuffer(bytes: answer.body[start..<min(start + 7, answer.body.count)])
        output += Array(mask.take(piece).readableBytesView)
    }
    output += Array(mask.finish().readableBytesView)
    expect(!contains(output, secret), "a body contains the secret")
}

/// Responses of token endpoints: the token is valid, and the same that a JSON parser finds.
@Sendable func fuzzToken(_ bytes: [UInt8]) {
    guard let answer = try? TokenResponse(ByteBuffer(bytes: bytes)) else { return }
    for status in [200, 400] {
        guard let token = try? answer.checkedToken(status: status) else { continue }
        expect(status == 200 && answer.error == nil, "an error response has a token")
        let value = unsafe token.bytes.withUnsafeBytes { unsafe Array($0) }
        expect(
            !value.isEmpty && value.allSatisfy { (0x21...0x7e).contains($0) },
            "a token is not a valid header value")
        // The strict parser of the ledger finds the same token if it accepts the text.
        if let json = try? JSON.parse(bytes) {
            expect(
                json["access_token"]?.string.map { Array($0.utf8) } == value,
                "the token is not that of the JSON")
            expect(json["error"] == nil, "a token beside an error")
        }
    }
    if let seconds = answer.expires {
        expect((0...999_999_999).contains(seconds), "a lifetime is out of range")
    }
}
