import Foundation
import NIOCore
import NIOPosix
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

@Suite struct TestingTests {
    @Test func `passes with a valid key, and records the use and the outcome`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let before = try await scene.holder.entries().count
        #expect(try await scene.test() == TestOutcome(passed: true, status: 200))
        #expect(try await scene.holder.actions(since: before) == ["connection.test", "connection.tested"])
        let seen = try #require(scene.celonis.takeRequests().first)
        #expect(seen.uri == "/intelligence/api/knowledge-models?page=0&pageSize=1")
        #expect(seen.headers["authorization"] == "AppKey good-app-key")
        #expect(seen.headers["host"] == Scene.host)
        let shown = try await scene.holder.run { vault, _ in try vault.perform(ShowOwner(.connection, "prod"))
        }
        #expect(shown.test?.outcome == TestOutcome(passed: true, status: 200))
    }

    @Test(arguments: [
        (
            "wrong-key", "intelligence", 401,
            "The key is unknown, deleted or expired."
        ),
        ("disabled-key", "intelligence", 403, "The Intelligence API is not enabled for this team."),
        (
            "powerless-key", "intelligence", 403,
            "The key is valid, but does not have the permission for this request."
        ),
        (
            "limited-key", "intelligence", 429,
            "The team exceeded its rate limit. Celonis allows 20 requests per second and 6000 per day. Wait 17 seconds."
        ),
        (
            "powerless-key", "data-push", 403,
            "The key is valid, but does not have the permission to push data into this pool."
        ),
    ])
    func `explains each failure as the connector defines it`(
        key: String, type: String, status: Int, why: String
    ) async throws {
        let scene = try await Scene()
        try await scene.custom(key: key, type: type)
        let outcome = try await scene.test()
        #expect(outcome.status == status && outcome.why == why && !outcome.passed)
        let shown = try await scene.holder.run { vault, _ in try vault.perform(ShowOwner(.connection, "prod"))
        }
        #expect(shown.test?.outcome.why == why)
    }

    @Test func `distinguishes a missing pool from an invalid key`() async throws {
        let scene = try await Scene()
        try await scene.custom(type: "data-push")
        #expect(try await scene.test().passed)
        scene.celonis.change { $0.pools = [] }
        #expect(try await scene.test().why == "The team has no pool with this ID.")
    }

    // case 80
    @Test func `sends nothing to a host with a certificate for another name or from an unknown issuer`()
        async throws
    {
        let scene = try await Scene()
        try await scene.custom()
        let foreign = try await Celonis(
            certificates: try TestCertificates(
                in: "/tmp/vault-foreign-\(scene.celonis.port)", names: ["evil.example"]))
        for (trusted, what) in [(true, "another name"), (false, "not trusted")] {
            let network = NetworkConfiguration(
                trustFile: trusted ? "/tmp/vault-foreign-\(scene.celonis.port)/ca.pem" : nil,
                connectOverrides: [
                    .init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: foreign.port)
                ])
            let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, network: network)
            let outcome = try await broker.test("prod", by: scene.holder)
            #expect(!outcome.passed && outcome.status == nil)
            #expect(outcome.why?.contains(what) == true, "\(outcome)")
        }
        #expect(foreign.takeRequests().isEmpty)
    }

    @Test(
        "accepts a certificate only for the kind of name requested (case 109)",
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
        let directory = TemporaryDirectory()
        let certificates = try TestCertificates(in: directory.path, names: names, commonName: commonName)
        let other = try await Celonis(certificates: certificates)
        let network = NetworkConfiguration(
            trustFile: certificates.authority,
            connectOverrides: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: other.port)]
        )
        let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, network: network)
        let outcome = try await broker.test("prod", by: scene.holder)
        #expect(outcome.passed == isAccepted, "\(outcome)")
        if !isAccepted {
            #expect(outcome.why?.contains("a certificate for another name") == true, "\(outcome)")
            #expect(other.takeRequests().isEmpty)
        }
        await other.stop()
    }

    @Test func `reports a host that refuses, does not speak TLS, or does not resolve`() async throws {
        let scene = try await Scene()
        try await scene.custom()
        let plain = try await Celonis(certificates: nil)
        for (network, why) in [
            (
                NetworkConfiguration(connectOverrides: [
                    .init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: 9)
                ]),
                "\(Scene.host) refuses connections on port 443"
            ),
            (
                NetworkConfiguration(connectOverrides: [
                    .init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: plain.port)
                ]),
                "\(Scene.host) does not use TLS on port 443"
            ),
            (
                NetworkConfiguration(connectOverrides: [
                    .init(host: Scene.host, port: 443): .init(host: "no-such-host.invalid", port: 443)
                ]),
                "can't resolve \(Scene.host)"
            ),
        ] {
            let broker = try Broker(group: MultiThreadedEventLoopGroup.singleton, network: network)
            #expect(try await broker.test("prod", by: scene.holder).why == why)
        }
        // case 80: nothing is sent without TLS.
        #expect(plain.takeRequests().isEmpty)
    }

    @Test func `tests a connection that is not stored yet`() async throws {
        let scene = try await Scene()
        let settings = ["api-type": ["intelligence"], "domain": [Scene.host], "auth-type": ["custom"]]
        for (key, passes) in [("good-app-key", true), ("AppKey good-app-key ", true), ("wrong", false)] {
            let draft = OwnerDraft(
                .connection, connector: "celonis", name: "new", settings: settings,
                secrets: ["app-key": secret(key)])
            let use = try await scene.holder.run { vault, session in
                try vault.perform(OpenDraft(draft), as: session)
            }
            #expect(try await scene.broker.outcome(of: use, by: scene.holder).passed == passes)
        }
        let stored = await scene.holder.run { vault, _ in try? vault.perform(ShowOwner(.connection, "new")) }
        #expect(stored == nil)
    }

    @Test
    func `uses plain HTTP on loopback if the connector allows it and the host does not speak TLS`()
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
