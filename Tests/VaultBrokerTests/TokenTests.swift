import NIOCore
import StandIn
import Testing
import VaultBroker
import VaultCore
import VaultLedger

@Suite struct TokenTests {
    @Test func `a token is minted once, by many at a time, and used until shortly before it ends`()
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

    @Test func `a token that is over is minted again`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        scene.celonis.change { $0.tokenLife = 0 }
        try await scene.request("/intelligence/api/knowledge-models")
        try await scene.request("/intelligence/api/knowledge-models")
        #expect(scene.celonis.state.minted == 2)
    }

    @Test func `a token that is no longer taken is minted again, once`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        try await scene.request("/intelligence/api/knowledge-models")
        scene.celonis.change { $0.tokens = [] }
        #expect(try await scene.request("/intelligence/api/knowledge-models").head.status == 200)
        #expect(scene.celonis.state.minted == 2)
        #expect(try await scene.test().passed)
    }

    @Test func `after an edit of the client its old tokens are not used`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        try await scene.request("/intelligence/api/knowledge-models")
        scene.celonis.change { $0.clients = ["client-1": "another secret"] }
        try await scene.holder.run { vault, session in
            _ = try vault.setSecret(
                "client-secret", of: "team client", to: secret("another secret"), as: session)
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
    func `a token endpoint that fails is told as that, and nothing is kept`(
        mode: Celonis.TokenMode, fault: OutsideFault
    ) async throws {
        let scene = try await Scene { $0.checking = mode == .silent ? .seconds(1) : .minutes(5) }
        try await scene.oauth()
        scene.celonis.change { $0.tokenMode = mode }
        #expect(
            await failure { try await scene.broker.token(of: "prod", by: scene.holder) } == .outside(fault))
        guard mode != .silent else { return }
        scene.celonis.change { $0.tokenMode = .normal }
        #expect(try await scene.broker.token(of: "prod", by: scene.holder).expiresIn == 899)
    }

    @Test func `a wrong client secret is told in the standard's word`() async throws {
        let scene = try await Scene()
        try await scene.oauth(secret: "wrong")
        #expect(try await scene.test().why == "the token endpoint of \(Scene.host) refused: invalid_client")
    }

    @Test func `exec of an OAuth connection gets a minted token`() async throws {
        let scene = try await Scene()
        try await scene.oauth()
        let variables = try await scene.holder.run { vault, session in
            try vault.variables(
                of: ["prod"], only: ["CELONIS_API_TOKEN", "CELONIS_URL"], program: "x", tokens: true,
                as: session)
        }
        let filled = try await scene.broker.fill(variables, by: scene.holder)
        let token = try #require(filled.first { $0.name == "CELONIS_API_TOKEN" })
        #expect(scene.celonis.state.tokens.contains(token.secrets.map(text).joined()))
        #expect(filled.allSatisfy { $0.missingToken == nil })
    }
}
