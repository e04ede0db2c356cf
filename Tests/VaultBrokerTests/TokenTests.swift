import NIOCore
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCore
import VaultLedger

@Suite struct TokenTests {
    @Test func `requests a token once for concurrent callers, and reuses it`()
        async throws
    {
        let scene = try await Scene()
        try await scene.oauth()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try await scene.request("/intelligence/api/knowledge-models").head.status }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(scene.celonis.state.minted == 1)
        let asked = try #require(scene.celonis.takeRequests().first { $0.uri == "/oauth2/token" })
        // RFC 6749, section 2.3.1: both halves form-encoded, then base64.
        #expect(asked.headers["authorization"] == "Basic Y2xpZW50LTE6Z29vZCtjbGllbnQlMkZzZWNyZXQlMkI=")
        let minted = try await scene.holder.entries().filter { $0.action == .mintToken }
        #expect(minted.count == 1)
    }

    @Test func `replaces an expired token`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        scene.celonis.change { $0.tokenLife = 0 }
        try await scene.request("/intelligence/api/knowledge-models")
        try await scene.request("/intelligence/api/knowledge-models")
        #expect(scene.celonis.state.minted == 2)
    }

    @Test func `replaces a rejected token once`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        try await scene.request("/intelligence/api/knowledge-models")
        scene.celonis.change { $0.tokens = [] }
        #expect(try await scene.request("/intelligence/api/knowledge-models").head.status == 200)
        #expect(scene.celonis.state.minted == 2)
        #expect(try await scene.test().passed)
    }

    @Test func `does not use a token from before the client was edited`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        try await scene.request("/intelligence/api/knowledge-models")
        scene.celonis.change { $0.clients = ["client-1": "another secret"] }
        try await scene.holder.run { vault, session in
            _ = try vault.perform(
                SetSecret("client-secret", of: "team client", to: secret("another secret")), as: session)
        }
        try await scene.request("/intelligence/api/knowledge-models")
        #expect(scene.celonis.state.minted == 2)
    }

    // case 82
    @Test(arguments: [
        (Celonis.TokenMode.huge, OutsideFault.token(host: Scene.host, .tooLarge)),
        (.notJSON, .token(host: Scene.host, .notJSON)),
        (.errorWith200, .token(host: Scene.host, .refused("invalid_client"))),
        (.otherKind, .token(host: Scene.host, .kind)),
        (.noToken, .token(host: Scene.host, .noToken)),
        (.silent, .timedOut(host: Scene.host, seconds: 1, connecting: false)),
    ])
    func `reports a failing token endpoint, and caches nothing`(
        mode: Celonis.TokenMode, fault: OutsideFault
    ) async throws {
        let scene = try await Scene { $0.checkTimeout = mode == .silent ? .seconds(1) : .minutes(5) }
        try await scene.oauth()
        scene.celonis.change { $0.tokenMode = mode }
        #expect(
            await failure { try await scene.broker.token(of: "prod", by: scene.holder) } == .outside(fault))
        guard mode != .silent else { return }
        scene.celonis.change { $0.tokenMode = .normal }
        #expect(try await scene.broker.token(of: "prod", by: scene.holder).expiresIn == 899)
    }

    @Test func `reports a wrong client secret with the standard error code`() async throws {
        let scene = try await Scene()
        try await scene.oauth(secret: "wrong")
        #expect(try await scene.test().why == "the token endpoint of \(Scene.host) refused: invalid_client")
    }

    @Test func `fills in the token for exec of an OAuth connection`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        let variables = try await scene.holder.run { vault, session in
            try vault.perform(
                OpenVariables(of: ["prod"], only: ["CELONIS_API_TOKEN", "CELONIS_URL"], program: "x")
                    .withTokens(), as: session)
        }
        let filled = try await scene.broker.fill(variables, by: scene.holder)
        let token = try #require(filled.first { $0.name == "CELONIS_API_TOKEN" })
        #expect(scene.celonis.state.tokens.contains(token.secrets.map(text).joined()))
        #expect(filled.allSatisfy { $0.missingToken == nil })
    }
}
