import NIOCore
import NIOHTTP1
public import VaultCore
public import VaultLedger
import VaultMemory
import VaultRegistry

extension Broker {
    /// Sends the connector's test request, and records the outcome in the ledger.
    ///
    /// - Parameters:
    ///   - name: The name of the connection.
    ///   - label: Which version of the secrets to test; `pending` during a rotation.
    ///   - performer: Performs the operations on the vault.
    /// - Throws: `VaultError` if the connection cannot be opened or has no test. A failure of the host is an outcome.
    public func test(
        _ name: String, label: SecretLabel = .current, by performer: any VaultPerformer
    ) async throws(VaultError) -> TestOutcome {
        let use = try await performer.perform(OpenConnection(name, for: .test, label: label))
        let outcome = try await outcome(of: use, by: performer)
        try await performer.perform(RecordTest(outcome, of: use))
        return outcome
    }

    /// Sends the test request of an opened connection, which may not be stored yet, and records nothing.
    ///
    /// - Throws: As `test(_:label:by:)`.
    public func outcome(of use: OpenedConnection, by performer: any VaultPerformer) async throws(VaultError)
        -> TestOutcome
    {
        guard let test = use.connector.test(for: use.settings),
            let path = use.connector.path(test.path, for: use.settings)
        else { throw .use(.noTest(name: use.connection, connector: use.connector.name)) }
        do {
            let (first, lines) = try await run(test, at: path, of: use, by: performer)
            // A cached token may have been revoked: test once more with a new one.
            guard first.status == 401, discardToken(in: lines, of: use) else { return first }
            return try await run(test, at: path, of: use, by: performer).outcome
        } catch .outside(let fault) where fault != .locked {
            return TestOutcome(passed: false, why: fault.what, next: fault.next)
        }
    }

    private func run(
        _ test: TestRequest, at path: String, of use: OpenedConnection, by performer: any VaultPerformer
    ) async throws(VaultError) -> (outcome: TestOutcome, lines: AuthorizationLines) {
        let lines = try await authorizationLines(of: use, by: performer)
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: test.method), uri: path)
        head.headers = [
            "host": use.destination.authority, "accept": "*/*", "accept-encoding": "identity",
            "user-agent": userAgent,
        ]
        if test.method == "POST" { head.headers.add(name: "content-length", value: "0") }
        let exchange = try await exchange(
            head, with: use.destination, lines: lines, timeout: limits.checkTimeout)
        defer { exchange.abandon() }
        let response = try await exchange.responseHead()
        var body = ByteBuffer()
        while body.readableBytes < limits.maxTestResponse, let chunk = try await exchange.next() {
            body.writeImmutableBuffer(chunk)
        }
        return (Self.outcome(of: test, response, String(buffer: body)), lines)
    }

    private static func outcome(
        of test: TestRequest, _ head: HTTPResponseHead, _ body: String
    ) -> TestOutcome {
        let status = Int(head.status.code)
        if test.isSuccess(status: status) { return TestOutcome(passed: true, status: status) }
        if let failure = test.failure(status: status, body: body) {
            let wait = status == 429 ? wait(head.headers).map { " Wait \($0) seconds." } : nil
            return TestOutcome(
                passed: false, status: status, why: failure.means + (wait ?? ""), next: failure.next)
        }
        let fault = OutsideFault.answered(host: "the host", status: status)
        return TestOutcome(passed: false, status: status, why: fault.what, next: nil)
    }

    /// The seconds to wait before a retry, from the rate limit headers; nil if they have no plausible number.
    private static func wait(_ headers: HTTPHeaders) -> Int? {
        for name in ["retry-after", "x-ratelimit-reset"] {
            if let text = headers.first(name: name), let seconds = Int(text), (0...86_400).contains(seconds) {
                return seconds
            }
        }
        return nil
    }
}
