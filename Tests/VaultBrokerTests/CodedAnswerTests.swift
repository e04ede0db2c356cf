import Foundation
import StandIn
import Testing
import VaultCore
import VaultRegistry

@testable import VaultBroker

/// Answers that a server coded although it was asked for `Accept-Encoding: identity`, by Python's own writers.
@Suite(.enabled(if: Foreign.plainPython != nil, "there is no python3"))
struct CodedAnswerTests {
    @Test("a coded answer to request is refused, however it is coded (case 108)")
    func request() async throws {
        let (server, broker, scene) = try await started("ce gzip")
        defer { server.stop() }
        try #require(server.forms.count > 70)
        for form in server.forms {
            let talk = Talk(nil)
            let call = Call(
                connection: "prod", method: "GET", path: try path(form), headers: [], body: .none)
            #expect(
                await failure { try await broker.request(call, with: talk, by: scene.holder) }
                    == .outside(.encoded(host: Scene.host)), "\(form)")
            #expect(await talk.text.isEmpty, "\(form)")
        }
    }

    @Test("a coded answer to the proxy becomes an error (case 108)")
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
        "a coded answer to a test or a token request is refused (case 108)",
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
        let server = try await Server("coded_server.py", python: Foreign.plainPython, form)
        let scene = try await Scene()
        try await scene.custom()
        return (server, try server.broker(), scene)
    }

    private func path(_ form: String) throws -> RequestPath {
        try RequestPath("/form/" + form.replacing(" ", with: "%20"))
    }
}
