import Foundation
import NIOCore
import NIOPosix
import StandIn
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

@Suite struct TestingTests {
    @Test func `a right key passes, and the ledger tells of the use and of what it showed`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let before = try await scene.holder.entries().count
        #expect(try await scene.test() == TestOutcome(passed: true, status: 200))
        #expect(try await scene.holder.actions(since: before) == ["connection.test", "connection.tested"])
        let seen = try #require(scene.celonis.takeRequests().first)
        #expect(seen.uri == "/intelligence/api/knowledge-models?page=0&pageSize=1")
        #expect(seen.headers["authorization"] == "AppKey good-app-key")
        #expect(seen.headers["host"] == Scene.host)
        let shown = try await scene.holder.run { vault, _ in try vault.show(.connection, "prod") }
        #expect(shown.test?.outcome == TestOutcome(passed: true, status: 200))
    }

    @Test(arguments: [
        (
            "wrong-key", "intelligence", 401,
            "Celonis does not know the key, or it has been deleted or has expired."
        ),
        ("disabled-key", "intelligence", 403, "The Intelligence API is not enabled for this team."),
        ("powerless-key", "intelligence", 403, "The key is right, but it may not do this."),
        (
            "limited-key", "intelligence", 429,
            "The team has used up its requests. Celonis allows 20 a second and 6000 a day. Wait 17 seconds."
        ),
        ("powerless-key", "data-push", 403, "The key is right, but it may not push data into this pool."),
    ])
    func `each failure is told in the connector's words`(
        key: String, type: String, status: Int, why: String
    ) async throws {
        let scene = try await Scene()
        try await scene.custom(key: key, type: type)
        let outcome = try await scene.test()
        #expect(outcome.status == status && outcome.why == why && !outcome.passed)
        let shown = try await scene.holder.run { vault, _ in try vault.show(.connection, "prod") }
        #expect(shown.test?.outcome.why == why)
    }

    @Test func `a pool that is not there is told apart from a wrong key`() async throws {
        let scene = try await Scene()
        try await scene.custom(type: "data-push")
        #expect(try await scene.test().passed)
        scene.celonis.change { $0.pools = [] }
        #expect(try await scene.test().why == "There is no such pool in this team.")
    }

    // case 80
    @Test func `a certificate of another name, and one of a foreign issuer, get nothing`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let foreign = try await Celonis(
            certificates: try TestCertificates(
                in: "/tmp/vault-foreign-\(scene.celonis.port)", names: ["evil.example"]))
        for (trusted, what) in [(true, "another name"), (false, "not trusted")] {
            let reach = Reach(
                trustFile: trusted ? "/tmp/vault-foreign-\(scene.celonis.port)/ca.pem" : nil,
                detours: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: foreign.port)])
            let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, reach: reach)
            let outcome = try await broker.test("prod", by: scene.holder)
            #expect(!outcome.passed && outcome.status == nil)
            #expect(outcome.why?.contains(what) == true, "\(outcome)")
        }
        #expect(foreign.takeRequests().isEmpty)
    }

    @Test(
        "a certificate is accepted only for the kind of name that was asked for (case 109)",
        arguments: [
            ([], Scene.host, false),
            (["IP:127.0.0.1"], Scene.host, false),
            (["IP:127.0.0.1"], "stand-in", false),
            (["email:a@\(Scene.host)", "URI:https://\(Scene.host)"], Scene.host, false),
            (["DNS:other.example", "IP:127.0.0.1"], Scene.host, false),
            (["DNS:*.celonis.cloud"], "stand-in", false),
            (["DNS:t*.eu-1.celonis.cloud"], "stand-in", false),
            (["DNS:\(Scene.host)."], "stand-in", false),
            (["DNS:*.eu-1.celonis.cloud"], "stand-in", true),
            (["DNS:other.example", "DNS:TEAM.EU-1.celonis.cloud"], "stand-in", true),
        ] as [([String], String, Bool)])
    func certificateKinds(names: [String], commonName: String, isAccepted: Bool) async throws {
        let scene = try await Scene()
        try await scene.custom()
        let folder = NSTemporaryDirectory() + "vault-names-\(scene.celonis.port)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = try TestCertificates(in: folder, names: names, commonName: commonName)
        let other = try await Celonis(certificates: certificates)
        let reach = Reach(
            trustFile: certificates.authority,
            detours: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: other.port)])
        let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, reach: reach)
        let outcome = try await broker.test("prod", by: scene.holder)
        #expect(outcome.passed == isAccepted, "\(outcome)")
        if !isAccepted {
            #expect(outcome.why?.contains("the certificate of another name") == true, "\(outcome)")
            #expect(other.takeRequests().isEmpty)
        }
        await other.stop()
    }

    @Test func `a host that refuses, is silent, or is not there is told as that`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let plain = try await Celonis(certificates: nil)
        for (reach, why) in [
            (
                Reach(detours: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: 9)]),
                "\(Scene.host) refuses connections at port 443"
            ),
            (
                Reach(detours: [
                    .init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: plain.port)
                ]),
                "what answers for \(Scene.host) at port 443 does not speak TLS"
            ),
            (
                Reach(detours: [
                    .init(host: Scene.host, port: 443): .init(host: "no-such-host.invalid", port: 443)
                ]),
                "there is no address for \(Scene.host)"
            ),
        ] {
            let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, reach: reach)
            #expect(try await broker.test("prod", by: scene.holder).why == why)
        }
        // case 80: nothing is sent where there is no TLS.
        #expect(plain.takeRequests().isEmpty)
    }

    @Test func `a connection that is not stored is tested with what was given for it`() async throws {
        let scene = try await Scene()
        let settings = ["api-type": ["intelligence"], "domain": [Scene.host], "auth-type": ["custom"]]
        for (key, passes) in [("good-app-key", true), ("AppKey good-app-key ", true), ("wrong", false)] {
            let draft = OwnerDraft(
                .connection, connector: "celonis", name: "new", settings: settings,
                secrets: ["app-key": secret(key)])
            let use = try await scene.holder.run { vault, session in try vault.open(draft, as: session) }
            #expect(try await scene.broker.outcome(of: use, by: scene.holder).passed == passes)
        }
        let stored = await scene.holder.run { vault, _ in try? vault.show(.connection, "new") }
        #expect(stored == nil)
    }

    @Test
    func `plain HTTP is spoken to this machine where the connector says so, and TLS where that is spoken`()
        async throws
    {
        let scene = try await Scene()
        let plain = try await Celonis(certificates: nil)
        for (name, port) in [("plain", plain.port), ("tls", scene.celonis.port)] {
            try await scene.create(
                OwnerDraft(
                    .connection, connector: "http", name: name,
                    settings: [
                        "domain": ["127.0.0.1"], "port": ["\(port)"], "auth-type": ["basic"],
                        "username": ["ana"],
                        "test-path": ["/test/echo"],
                    ], secrets: ["password": secret("a password")]))
            #expect(try await scene.test(name).passed)
        }
        #expect(plain.takeRequests().last?.headers["authorization"] == "Basic YW5hOmEgcGFzc3dvcmQ=")
        #expect(scene.celonis.takeRequests().last?.headers["authorization"] == "Basic YW5hOmEgcGFzc3dvcmQ=")
    }
}
