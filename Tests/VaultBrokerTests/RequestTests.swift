import NIOCore
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

@Suite struct RequestTests {
    @Test func `sends the key to the connection's host, and records the request without its query`()
        async throws
    {
        let scene = try await Scene()
        try await scene.custom()
        let (head, body) = try await scene.request(
            "/test/echo?secret=mine", "POST", headers: [("X-Own", "1")], body: "name,value\n1,2\n")
        #expect(head.status == 200 && body.hasSuffix("name,value\n1,2\n"))
        let seen = try #require(scene.celonis.takeRequests().first)
        #expect(seen.headers["authorization"] == "AppKey good-app-key" && seen.headers["x-own"] == "1")
        #expect(seen.headers["content-length"] == "15")
        let entry = try #require(try await scene.holder.entries().last)
        #expect(entry.action == .requestConnection && entry.change.details["path"] == "/test/echo")
        #expect(entry.change.details["method"] == "POST")
    }

    // case 81
    @Test func `masks the key in headers, bodies, split chunks and base64`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let echoed = try await scene.request("/test/echo")
        #expect(echoed.body.contains("Authorization: AppKey *****") && !echoed.body.contains("good-app-key"))
        let pieces = try await scene.request("/test/echo-chunked")
        #expect(pieces.body == "before AppKey ***** after")
        #expect(pieces.head.headers.contains { $0 == ("x-echo", "AppKey *****") })
        let encoded = try await scene.request("/test/echo-base64")
        #expect(encoded.head.status == 500 && encoded.body.hasSuffix("*****") && encoded.body.count < 20)
    }

    @Test func `rejects an encoded response`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        #expect(
            await failure { try await scene.request("/test/encoded") } == .outside(.encoded(host: Scene.host))
        )
    }

    // case 78
    @Test func `does not follow a redirect`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let (head, _) = try await scene.request("/test/redirect")
        #expect(head.status == 302)
        #expect(scene.celonis.takeRequests().count == 1)
    }

    @Test func `distinguishes a silent host from a truncated response`() async throws {
        let hasty = try await Scene { $0.responseTimeout = .seconds(3) }
        try await hasty.custom()
        #expect(
            await failure { try await hasty.request("/test/silent") }
                == .outside(.timedOut(host: Scene.host, seconds: 3, connecting: false)))
        let scene = try await Scene()
        try await scene.custom()
        #expect(await failure { try await scene.request("/test/cut") } == .outside(.lost(host: Scene.host)))
        // The truncated connection is not reused.
        #expect(try await scene.request("/test/echo").head.status == 200)
    }

    @Test func `passes a large response on`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        #expect(try await scene.request("/test/large").body.utf8.count == 1 << 20)
    }

    @Test(arguments: [
        "Authorization", "host", "Proxy-Authorization", "Content-Length", "transfer-encoding", "Connection",
    ])
    func `rejects a header that callers may not set`(name: String) async throws {
        let scene = try await Scene()
        try await scene.custom()
        let error = await failure { try await scene.request("/test/echo", headers: [(name, "x")]) }
        guard case .input(.invalid(let problems))? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problems[0].message == "the header \(name) can't be set")
        #expect(scene.celonis.takeRequests().isEmpty)
    }

    @Test func `rejects a body that does not have its declared length`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        for declared in [3, 300] as [UInt64] {
            let request = ConnectionRequest(
                connection: "prod", method: "POST", path: try RequestPath("/test/echo"), headers: [],
                body: .length(declared))
            #expect(
                await failure {
                    try await scene.broker.send(
                        request, delegate: RecordingDelegate("twenty bytes of body"), by: scene.holder)
                }
                    == .outside(.bodyLength(declared: declared)))
        }
        #expect(scene.celonis.takeRequests().isEmpty)
    }

    @Test func `rejects a connection if its connector does not support HTTP`() async throws {
        let scene = try await Scene()
        try await scene.create(
            OwnerDraft(
                .connection, connector: "postgresql", name: "db",
                settings: ["host": ["db.example.com"], "database": ["d"], "user": ["u"]],
                secrets: ["password": secret("password")]))
        #expect(
            await failure { try await scene.request("/", of: "db") }
                == .use(.noHTTP(name: "db", connector: "postgresql")))
    }
}
