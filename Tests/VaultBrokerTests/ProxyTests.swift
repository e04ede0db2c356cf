import Foundation
import NIOCore
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

@Suite struct ProxyTests {
    /// Sends a request with curl.
    static func curl(_ arguments: [String]) async throws -> (status: String, body: String) {
        let words = ["-s", "--max-time", "120", "-w", "\n%{http_code}"] + arguments
        let output = try await onDedicatedThread { try Subprocess.run("curl", words).text }
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    private func bearer(_ proxy: Proxy) -> [String] { ["-H", "Authorization: Bearer \(text(proxy.token))"] }

    @Test func `serves an unmodified client without revealing the key`() async throws {
        let scene = try await Scene()
        try await scene.custom("Celonis prod")
        let proxy = try await scene.broker.proxy(["Celonis prod"], by: scene.holder)
        let base = proxy.address + proxy.paths["Celonis prod"]!
        #expect(base.hasSuffix("/celonis-prod"))
        let answer = try await Self.curl(bearer(proxy) + [base + "/intelligence/api/knowledge-models?page=0"])
        #expect(answer.status == "200" && answer.body.contains("km-1"))
        let seen = try #require(scene.celonis.takeRequests().last)
        #expect(seen.uri == "/intelligence/api/knowledge-models?page=0")
        #expect(seen.headers["authorization"] == "AppKey good-app-key" && seen.headers["host"] == Scene.host)
        // case 81
        let echo = try await Self.curl(bearer(proxy) + ["-i", base + "/test/echo"])
        #expect(echo.body.contains("AppKey *****") && !echo.body.contains("good-app-key"))
        #expect(!echo.body.contains(text(proxy.token)))
        let pieces = try await Self.curl(bearer(proxy) + ["-i", base + "/test/echo-chunked"])
        #expect(
            pieces.body.contains("before AppKey ***** after") && pieces.body.contains("x-echo: AppKey *****"))
        await proxy.finish()
    }

    // case 85
    @Test func `rejects a request without the token, for another host, or from a web page`()
        async throws
    {
        let scene = try await Scene()
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/test/echo"
        scene.celonis.change { $0.requests = [] }
        #expect(try await Self.curl([url]).status == "401")
        #expect(try await Self.curl(["-H", "Authorization: Bearer x", url]).status == "401")
        #expect(try await Self.curl(bearer(proxy) + ["-H", "Host: rebound.example:80", url]).status == "403")
        #expect(
            try await Self.curl(bearer(proxy) + ["-H", "Origin: https://evil.example", url]).status == "403")
        #expect(
            try await Self.curl(bearer(proxy) + ["-H", "Sec-Fetch-Site: cross-site", url]).status == "403")
        #expect(scene.celonis.takeRequests().isEmpty)
        // Where a client sends its key: with another scheme, or as the password of HTTP Basic.
        #expect(
            try await Self.curl(["-H", "Authorization: AppKey \(text(proxy.token))", url]).status == "200")
        #expect(try await Self.curl(["-u", "any:\(text(proxy.token))", url]).status == "200")
        await proxy.finish()
    }

    // case 79
    @Test(arguments: [
        "/prod//evil.example/x", "/prod/a/../../b", "/prod/%2e%2e/b", "/other/test/echo", "/prod/..%2f..%2fb",
    ])
    func `rejects a path that leaves its route`(path: String) async throws {
        let scene = try await Scene()
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        scene.celonis.change { $0.requests = [] }
        let answer = try await Self.curl(bearer(proxy) + ["--path-as-is", proxy.address + path])
        #expect(["400", "404"].contains(answer.status) && answer.body.hasPrefix("vault: error: "))
        #expect(scene.celonis.takeRequests().isEmpty)
        await proxy.finish()
    }

    @Test func `forwards uploads, many requests on one connection, and other methods`() async throws {
        let scene = try await Scene()
        try await scene.custom(type: "data-push")
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/integration/api/v1/data-push/pool-abc123/jobs/1/chunks/upserted"
        let directory = TemporaryDirectory()
        let file = directory.path + "/upload"
        try Data(repeating: 7, count: 20_000_000).write(to: URL(fileURLWithPath: file))
        #expect(try await Self.curl(bearer(proxy) + ["-T", file, url]).body == #"{"received":20000000}"#)
        // Without a length, curl uses the chunked coding.
        let chunked = bearer(proxy) + ["-H", "Transfer-Encoding: chunked", "-X", "POST", "-T", file, url]
        #expect(try await Self.curl(chunked).body == #"{"received":20000000}"#)
        let many = try await Self.curl(bearer(proxy) + (0..<20).flatMap { _ in ["-o", "/dev/null", url] })
        #expect(many.body.split(separator: "\n").allSatisfy { $0 == "200" })
        #expect(
            try await Self.curl(bearer(proxy) + ["-I", url.replacing("/integration", with: "/test/echo?")])
                .status
                == "200")
        #expect(
            try await Self.curl(bearer(proxy) + [proxy.address + "/prod/test/large"]).body.utf8.count == 1
                << 20)
        await proxy.finish()
    }

    @Test func `serves the next request after a response that was read slowly`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/test/"
        for _ in 0..<3 {
            let large = try await Self.curl(bearer(proxy) + ["--limit-rate", "20M", url + "large"])
            #expect(large.status == "200" && large.body.utf8.count == 1 << 20)
            #expect(try await Self.curl(bearer(proxy) + ["--max-time", "20", url + "echo"]).status == "200")
        }
        await proxy.finish()
    }

    @Test func `responds with an error when the host fails`() async throws {
        let hasty = try await Scene { $0.responseTimeout = .seconds(2) }
        try await hasty.custom()
        let impatient = try await hasty.broker.proxy(["prod"], by: hasty.holder)
        #expect(
            try await Self.curl(bearer(impatient) + [impatient.address + "/prod/test/silent"]).status == "504"
        )
        await hasty.celonis.stop()
        await impatient.finish()
        let scene = try await Scene()
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/test/"
        #expect(try await Self.curl(bearer(proxy) + [url + "encoded"]).status == "502")
        // case 78
        let redirect = try await Self.curl(bearer(proxy) + ["-i", url + "redirect"])
        #expect(redirect.status == "302" && redirect.body.contains("location: https://evil.example/steal"))
        await scene.celonis.stop()
        await proxy.finish()
    }

    @Test func `records the number of requests in one entry per connection and minute`()
        async throws
    {
        let scene = try await Scene { $0.routeLifetime = .hours(1) }
        try await scene.custom()
        let before = try await scene.holder.entries().count
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        for _ in 0..<5 { _ = try await Self.curl(bearer(proxy) + [proxy.address + "/prod/test/echo"]) }
        _ = try await Self.curl(bearer(proxy) + [proxy.address + "/prod/nothing-there"])
        await proxy.finish()
        let told = try await scene.holder.entries().dropFirst(before)
        #expect(told.map(\.action) == [.proxyConnection, .proxyConnection])
        #expect(told.last?.change.details["requests"] == 6 && told.last?.change.details["failed"] == 1)
    }

    @Test func `cuts running requests when the vault is locked, and keeps their number for the ledger`()
        async throws
    {
        let scene = try await Scene { $0.routeLifetime = .hours(1) }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        func ask(_ path: String, _ more: String...) async throws -> Task<
            (status: String, body: String), any Error
        > {
            let words = bearer(proxy) + more + [proxy.address + "/prod/test/\(path)"]
            let task = Task { try await Self.curl(words) }
            while scene.celonis.state.requests.last?.uri != "/test/\(path)" {
                try await Task.sleep(for: .milliseconds(10))
            }
            return task
        }
        let unanswered = try await ask("silent")
        scene.broker.lock()
        let refused = try await unanswered.value
        #expect(refused.status == "502" && refused.body.contains("the vault was locked during the request"))
        // A response that has started can only be truncated, which curl reports.
        let directory = TemporaryDirectory()
        let file = directory.path + "/body"
        let begun = try await ask("endless", "-N", "-o", file, "-w", "\n%{exitcode}")
        func body() -> String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }
        while body().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        scene.broker.lock()
        #expect(try await begun.value.status == "18")
        #expect(body().hasPrefix("before AppKey") && !body().contains("good-app-key"))
        proxy.stop()
        let last = proxy.takeUnrecordedUses()
        #expect(last.map(\.use.connection) == ["prod"] && last.first?.tally.requests == 2)
        #expect(last.first?.tally.failed == 2 && proxy.takeUnrecordedUses().isEmpty)
    }

    @Test func `opens a connection again after a minute, with the current policy and key`() async throws {
        let scene = try await Scene { $0.routeLifetime = .milliseconds(1) }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/test/echo"
        scene.celonis.change { $0.requests = [] }
        try await scene.holder.run { vault, session in
            _ = try vault.perform(SetSecret("app-key", of: "prod", to: secret("newer-app-key")), as: session)
        }
        #expect(try await Self.curl(bearer(proxy) + [url]).status == "200")
        #expect(scene.celonis.takeRequests().last?.headers["authorization"] == "AppKey newer-app-key")
        try await scene.holder.run { vault, session in
            try vault.perform(AllowUses(of: "prod", uses: [.request]), as: session)
        }
        let refused = try await Self.curl(bearer(proxy) + [url])
        #expect(refused.status == "403", "\(refused)")
        #expect(scene.celonis.takeRequests().isEmpty)
        #expect(try await scene.holder.entries().last?.action == .refused)
        await proxy.finish()
    }

    @Test func `applies a path policy to each request, and records refusals`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        try await scene.holder.run { vault, session in
            try vault.perform(
                AllowUses(of: "prod", uses: [.proxy, .request], paths: ["GET /intelligence/**"]), as: session)
        }
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let base = proxy.address + "/prod"
        #expect(
            try await Self.curl(bearer(proxy) + [base + "/intelligence/api/knowledge-models"]).status == "200"
        )
        #expect(try await Self.curl(bearer(proxy) + [base + "/test/echo"]).status == "403")
        #expect(
            try await Self.curl(bearer(proxy) + ["-X", "POST", base + "/intelligence/api/knowledge-models"])
                .status
                == "403")
        await proxy.finish()
        let refused = try await scene.holder.entries().filter { $0.action == .refused }
        #expect(refused.count == 2 && refused[0].object.name == "prod")
        #expect(
            await failure { try await scene.request("/intelligence/x", "DELETE") }
                == .access(
                    .pathRefused(
                        name: "prod", id: refused[0].object.id.asIdentifier, method: "DELETE",
                        path: "/intelligence/x",
                        rules: ["GET /intelligence/**"])))
    }

    @Test(
        "rejects a request that could override its path under a path policy (case 110)")
    func overrides() async throws {
        let scene = try await Scene()
        try await scene.custom()
        try await scene.holder.run { vault, session in
            try vault.perform(
                AllowUses(of: "prod", uses: [.proxy, .request], paths: ["* /test/**"]), as: session)
        }
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/test/echo"
        scene.celonis.change { $0.requests = [] }
        for header in ["X-HTTP-Method-Override: DELETE", "x-original-url: /admin", "X_Rewrite_URL: /admin"] {
            let answer = try await Self.curl(bearer(proxy) + ["-H", header, url])
            #expect(answer.status == "403" && answer.body.contains("leave out the header"), "\(answer)")
            let name = String(header.prefix { $0 != ":" })
            #expect(
                await failure { try await scene.request("/test/echo", headers: [(name, "x")]) }.map {
                    "\($0)"
                }?
                .contains("headerRefused") == true)
        }
        for end in [
            "/..%00/admin", "/..%20/admin", "/%c0%ae%c0%ae/admin", "/%u002e%u002e/admin", "?_method=DELETE",
        ] {
            #expect(try await Self.curl(bearer(proxy) + ["--path-as-is", url + end]).status == "403")
            #expect(
                await failure { try await scene.request("/test/echo" + end) }.map { "\($0)" }?
                    .contains("pathRefused") == true)
        }
        #expect(scene.celonis.takeRequests().isEmpty)
        let refused = try await scene.holder.entries().filter { $0.action == .refused }
        #expect(refused.count == 16)
        #expect(try await Self.curl(bearer(proxy) + ["-H", "X-Own: 1", url]).status == "200")
        await proxy.finish()
    }

    @Test func `renews a rejected token without the client noticing`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let url = proxy.address + "/prod/intelligence/api/knowledge-models"
        #expect(try await Self.curl(bearer(proxy) + [url]).status == "200")
        scene.celonis.change { $0.tokens = [] }
        let renewed = try await Self.curl(bearer(proxy) + [url])
        #expect(renewed.status == "200", "\(renewed)")
        #expect(scene.celonis.state.minted == 2)
        await proxy.finish()
    }

    @Test func `listens on loopback addresses only`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let error = await failure {
            try await scene.broker.proxy(["prod"], host: "0.0.0.0", by: scene.holder)
        }
        guard case .input(.invalid(let problems))? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problems[0].hint == "use --listen 127.0.0.1:0, [::1]:0 or localhost:0")
    }
}

extension String {
    fileprivate var asIdentifier: Identifier { Identifier(hex: self)! }
}
