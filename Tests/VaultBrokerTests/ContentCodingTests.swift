import Foundation
import StandIn
import TestSupport
import Testing
import VaultCore
import VaultRegistry

@testable import VaultBroker

/// Responses that a server encodes despite `Accept-Encoding: identity`, with the encoders of Python and other programs.
@Suite(.enabled(if: Python.executable != nil, "there is no python3"))
struct ContentCodingTests {
    @Test("rejects an encoded response to a request (case 108)")
    func request() async throws {
        let (server, broker, scene) = try await started("ce gzip")
        defer { server.stop() }
        try #require(server.forms.count > 70)
        for form in server.forms {
            let delegate = RecordingDelegate(nil)
            let request = ConnectionRequest(
                connection: "prod", method: "GET", path: try path(form), headers: [], body: .none)
            #expect(
                await failure { try await broker.send(request, delegate: delegate, by: scene.holder) }
                    == .outside(.encoded(host: Scene.host)), "\(form)")
            #expect(await delegate.text.isEmpty, "\(form)")
        }
    }

    @Test("responds to the proxy's client with an error in place of an encoded response (case 108)")
    func proxy() async throws {
        let (server, broker, scene) = try await started("ce gzip")
        defer { server.stop() }
        let proxy = try await broker.proxy(["prod"], by: scene.holder)
        for form in server.forms {
            let answer = try await ProxyTests.curl(
                ["-H", "Authorization: Bearer \(text(proxy.token))"]
                    + [proxy.address + "/prod" + path(form).text])
            #expect(
                answer.status == "502" && answer.body.contains("compressed or encoded"), "\(form): \(answer)")
        }
        await proxy.finish()
    }

    @Test(
        "rejects an encoded response to a test or a token request (case 108)",
        arguments: ["te gzip, chunked", "ce br", "bare gzip None", "bare chunked zlib-6 application/json"])
    func testAndToken(form: String) async throws {
        let (server, broker, scene) = try await started(form)
        defer { server.stop() }
        let outcome = try await broker.test("prod", by: scene.holder)
        #expect(!outcome.passed && outcome.why?.contains("compressed or encoded") == true, "\(outcome)")
        try await scene.oauth("by token")
        #expect(
            await failure { try await broker.token(of: "by token", by: scene.holder) }
                == .outside(.encoded(host: Scene.host)))
    }

    private func started(_ form: String) async throws -> (Server, Broker, Scene) {
        let server = try await Server("coded_server.py", python: Python.executable, form)
        let scene = try await Scene()
        try await scene.custom()
        return (server, try server.broker(), scene)
    }

    private func path(_ form: String) throws -> RequestPath {
        try RequestPath("/form/" + form.replacing(" ", with: "%20"))
    }
}
