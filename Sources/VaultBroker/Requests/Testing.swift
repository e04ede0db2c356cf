// The folder's rule: a caller gives a method, a path, headers and a body, each checked before anything is opened; the
// host is the connection's own, and nothing is followed to another one.

import NIOCore
import NIOHTTP1
public import VaultCore
public import VaultLedger
import VaultMemory
import VaultRegistry

extension Broker {
    /// Sends the connector's test request, and tells the ledger what it showed.
    ///
    /// `label` is `pending` for the secrets of a rotation that are not in use yet. A failure of the other side is an
    /// outcome; an error is a refusal, or the vault's own.
    public func test(
        _ name: String, label: SecretLabel = .current, by opener: any Opener
    ) async throws(VaultError) -> TestOutcome {
        let use = try await opener.open(name, for: .test, label: label)
        let outcome = try await outcome(of: use, by: opener)
        try await opener.recordTest(outcome, of: use)
        return outcome
    }

    /// The same of a connection that is not stored yet; nothing is told to the ledger.
    public func outcome(of use: OpenedUse, by opener: any Opener) async throws(VaultError) -> TestOutcome {
        guard let test = use.connector.test(for: use.settings),
            let path = use.connector.path(test.path, for: use.settings)
        else { throw .noTest(name: use.connection, connector: use.connector.name) }
        do {
            let first = try await answer(to: test, at: path, of: use, by: opener)
            // A token that was kept may have been taken back meanwhile: once more with a new one.
            guard first.status == 401, case .token(let plan) = use.proof, let token = first.token else {
                return first.outcome
            }
            tokens.drop(plan.key, token)
            return try await answer(to: test, at: path, of: use, by: opener).outcome
        } catch .outside(let fault) where fault != .locked {
            return TestOutcome(passed: false, why: fault.what, next: fault.next)
        }
    }

    private struct Tested {
        let status: Int
        let token: SharedSecret?
        let outcome: TestOutcome
    }

    private func answer(
        to test: TestRequest, at path: String, of use: OpenedUse, by opener: any Opener
    ) async throws(VaultError) -> Tested {
        let (lines, token) = try await lines(of: use, by: opener)
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: test.method), uri: path)
        head.headers = [
            "host": use.destination.authority, "accept": "*/*", "accept-encoding": "identity",
            "user-agent": userAgent,
        ]
        if test.method == "POST" { head.headers.add(name: "content-length", value: "0") }
        do {
            let exchange = try await Exchange.begin(
                head, to: use.destination, lines: lines, isWhole: true, silence: limits.checking,
                pool: upstreams.pool(on: group.next()))
            defer { exchange.abandon() }
            let answer = try await exchange.answer()
            var body = ByteBuffer()
            while body.readableBytes < limits.testAnswer, let piece = try await exchange.next() {
                body.writeImmutableBuffer(piece)
            }
            let status = Int(answer.status.code)
            return Tested(
                status: status, token: token,
                outcome: Self.outcome(of: test, answer, status, String(buffer: body)))
        } catch {
            throw .outside(error)
        }
    }

    private static func outcome(
        of test: TestRequest, _ head: HTTPResponseHead, _ status: Int, _ body: String
    ) -> TestOutcome {
        if test.isSuccess(status: status) { return TestOutcome(passed: true, status: status) }
        if let failure = test.failure(status: status, body: body) {
            let wait = status == 429 ? wait(head.headers).map { " Wait \($0) seconds." } : nil
            return TestOutcome(
                passed: false, status: status, why: failure.means + (wait ?? ""), next: failure.next)
        }
        let fault = OutsideFault.answered(host: "the other side", status: status)
        return TestOutcome(passed: false, status: status, why: fault.what, next: nil)
    }

    /// How many seconds to wait, where a header says it in a number that can be one.
    private static func wait(_ headers: HTTPHeaders) -> Int? {
        for name in ["retry-after", "x-ratelimit-reset"] {
            if let text = headers.first(name: name), let seconds = Int(text), (0...86_400).contains(seconds) {
                return seconds
            }
        }
        return nil
    }
}
