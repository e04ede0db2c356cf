import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultText

@testable import VaultCore

/// Bundles, which move connections with sealed secrets to another vault.
@Suite struct BundleTests {
    /// A vault with connections, and an empty vault to import them.
    private struct Two {
        let from = try! TestVault()
        let to = try! TestVault()

        init() throws {
            try from.client("C", secret: "client-secret-value")
            try from.oauth("O", client: "C")
            try from.custom(
                "A", key: "first-key", tags: [Owner.Tag(key: "env", value: "prod")], note: "a note")
            try from.set("A", "app-key", "second-key")
            try from.postgresql("P")
        }

        var key: String { Hex.encode(to.session.member.receiveKey) }
        func bundle(_ names: String...) throws -> String {
            try from.vault.perform(ExportBundle(of: names, to: key), as: from.session)
        }
    }

    @Test func `imports connections with their settings, annotations, clients and secrets`() throws {
        let two = try Two()
        let report = try two.to.vault.perform(ImportBundle(two.bundle()), as: two.to.session)
        #expect(report.owners.map(\.name) == ["C", "A", "O", "P"])
        #expect(report.exporter == "ana" && report.vault == Hex.encode(two.from.vault.id))
        #expect(report.exporterKey == Hex.encode(two.from.session.member.signKey))
        #expect(try two.to.use("A") == "second-key")
        #expect(try two.to.holds("client-secret-value", "C", "client-secret"))
        for name in ["A", "O", "P"] {
            let (there, here) = (
                try two.from.vault.perform(ShowOwner(.connection, name)),
                try two.to.vault.perform(ShowOwner(.connection, name))
            )
            #expect(here.settings == there.settings && here.tags == there.tags && here.note == there.note)
            #expect(here.id != there.id && here.secrets.allSatisfy { $0.version == 1 })
        }
        try two.to.verify()
        try two.from.verify()
    }

    @Test func `imports expiry dates, rotation periods and use policies`() throws {
        let two = try Two()
        let expires = Timestamp(text: "2026-05-01T00:00:00Z")!
        try two.from.set("A", "app-key", "third-key", expires: expires)
        try two.from.vault.perform(
            AnnotateOwner(.connection, "A", tags: [], note: nil, rotate: ["app-key": .every(Period("30d")!)]),
            as: two.from.session)
        let policy = UsePolicy(uses: [.request], paths: [try PathRule("GET /api/**")])
        try two.from.allow(policy, of: "A", as: two.from.session)
        let bundle = try two.bundle("A")
        two.to.advance(hours: 240)
        // Only an admin can import a use policy.
        let bo = try two.to.addMember("bo", .user)
        let toBo = try two.from.vault.perform(
            ExportBundle(of: ["A"], to: Hex.encode(bo.member.receiveKey)), as: two.from.session)
        #expect(
            failure { try two.to.vault.perform(ImportBundle(toBo), as: bo) }
                == .access(.forbidden(member: "bo", role: .user, action: .allowUses)))
        _ = try two.to.vault.perform(ImportBundle(bundle), as: two.to.session)
        let (there, here) = (
            try #require(two.from.vault.perform(ShowOwner(nil, "A")).secrets.first { $0.isCurrent }),
            try #require(two.to.vault.perform(ShowOwner(nil, "A")).secrets.first)
        )
        #expect(here.expiresAt == expires.text && here.rotateBy == there.rotateBy && here.rotateBy != nil)
        #expect(try two.to.vault.perform(ShowUsage(of: "A")).policy == policy)
        // The period also applies to the next version.
        try two.to.set("A", "app-key", "fourth-key")
        #expect(
            try two.to.vault.perform(ShowOwner(nil, "A")).secrets.first { $0.isCurrent }?.rotateBy
                == (two.to.scene.now + Period("30d")!).text)
        try two.to.verify()
    }

    @Test func `neither exports nor imports a rotation hook`() throws {
        let two = try Two()
        let policy = UsePolicy(uses: [.request, .proxy], rotateWith: "/usr/bin/hook")
        try two.from.allow(policy, of: "A", as: two.from.session)
        let bundle = try two.bundle("A")
        #expect(!bundle.contains("hook"))
        var owner = try Bundle(bundle).owners[0]
        owner.policy = policy
        #expect(BundledOwner(owner.json)?.policy.rotateWith == nil)
        _ = try two.to.vault.perform(ImportBundle(bundle), as: two.to.session)
        #expect(try two.to.vault.perform(ShowUsage(of: "A")).policy == UsePolicy(uses: [.request, .proxy]))
        #expect(try two.to.vault.perform(FindRotationHook(of: "A")) == nil)
    }

    @Test func `reads a bundle of version 1`() throws {
        let two = try Two()
        let read = try Bundle(two.bundle("A"))
        var owner = read.owners[0].json.object!
        owner["terms"] = nil
        let head = read.head.json.text.replacing(#""bundle":2"#, with: #""bundle":1"#)
        let text = head + "\n" + JSON.object(owner).text + "\n"
        let hash = Hex.encode(Digest.sha256(Array(text.utf8)))
        let signature = two.from.session.identity.sign(Array("vault-bundle/v1\n\(hash)\n".utf8))
        let last: JSON = ["signature": .string(Hex.encode(signature))]
        _ = try two.to.vault.perform(ImportBundle(text + last.text + "\n"), as: two.to.session)
        #expect(try two.to.use("A") == "second-key")
    }

    @Test func `both ledgers record the transfer`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let out = try #require(try two.from.entries().last)
        #expect(out.action == .exportConnection && out.object.name == "A")
        #expect(out.change.details["to"]?.string == two.key)
        #expect(out.change.details["fields"] == ["app-key"])
        _ = try two.to.vault.perform(ImportBundle(bundle), as: two.to.session)
        let entry = try #require(try two.to.entries().last)
        #expect(entry.action == .createConnection)
        #expect(entry.change.details["from", "vault"]?.string == Hex.encode(two.from.vault.id))
        #expect(
            entry.change.details["from", "sign_key"]?.string == Hex.encode(two.from.session.member.signKey))
    }

    // case 55
    @Test func `a bundle has no plaintext, and only the padded length of a secret`() throws {
        let two = try Two()
        let bundle = try two.bundle()
        for value in ["first-key", "second-key", "client-secret-value"] {
            #expect(!bundle.contains(value))
            #expect(!bundle.contains(Base64.encode(Array(value.utf8)).prefix(8)))
        }
        try two.from.set("A", "app-key", "another-key")
        #expect(try two.bundle("A").utf8.count == two.bundle("A").utf8.count)
    }

    @Test func `only the recipient can import a bundle`() throws {
        let two = try Two()
        let eve = try two.to.addMember("eve", .admin)
        let bundle = try two.bundle("A")
        #expect(
            failure { try two.to.vault.perform(ImportBundle(bundle), as: eve) }
                == .bundle(.otherRecipient(to: two.key, yours: Hex.encode(eve.member.receiveKey))))
        #expect(
            failure { try two.from.vault.perform(ImportBundle(bundle), as: two.from.session) }
                == .bundle(
                    .otherRecipient(to: two.key, yours: Hex.encode(two.from.session.member.receiveKey))))
    }

    @Test func `only an admin can export, and only to a valid key`() throws {
        let two = try Two()
        let bo = try two.from.addMember("bo", .user)
        #expect(
            failure { try two.from.vault.perform(ExportBundle(of: [], to: two.key), as: bo) }
                == .access(.forbidden(member: "bo", role: .user, action: .exportConnection)))
        #expect(try two.from.entries().last?.action == .refused)
        for key in ["", "ana", String(two.key.dropLast(2)), String(repeating: "0", count: 64)] {
            #expect(
                failure { try two.from.vault.perform(ExportBundle(of: [], to: key), as: two.from.session) }
                    == .bundle(.recipientKey))
        }
    }

    // cases 2, 3: a bundle is bound to names, settings and connector, and signed as a whole
    @Test func `imports nothing of an altered bundle`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let size = two.to.vault.size
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var bytes = Array(bundle.utf8)
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...127)
            guard let text = String(validating: bytes, as: UTF8.self) else { continue }
            #expect(failure { try two.to.vault.perform(ImportBundle(text), as: two.to.session) } != nil)
        }
        #expect(two.to.vault.size == size)
        // A changed host, signed again with another key.
        let read = try Bundle(bundle)
        var lines = bundle.split(separator: "\n").map(String.init)
        lines[1] = lines[1].replacing("team.us-1", with: "evil.us-1")
        let forger = Identity.generate()
        let member = LedgerState.Member(
            id: read.head.exporter.id, name: "eve", role: .admin, signKey: forger.signPublic,
            receiveKey: forger.receivePublic)
        let head = Bundle.Head(
            vault: read.head.vault, exporter: member, to: read.head.to, key: read.head.key,
            time: read.head.time, count: 1)
        let owner = try #require((try? JSON.parse(lines[1])).flatMap(BundledOwner.init))
        #expect(
            failure {
                try two.to.vault.perform(
                    ImportBundle(Bundle.text(head, [owner], by: forger)), as: two.to.session)
            } == .bundle(.forged))
    }

    @Test func `validates each connection against its own connector`() throws {
        let two = try Two()
        let other = ConnectorTests.source.replacing("connector: tickets", with: "connector: other")
        let strict = other.replacing("*.tickets.example", with: "*.other.example")
        for (test, second) in [(two.from, other), (two.to, strict)] {
            for source in [ConnectorTests.source, second] {
                _ = try test.vault.perform(AddConnector(source, from: "f.yaml"), as: test.session)
            }
        }
        for (name, connector) in [("S", "tickets"), ("T", "other")] {
            let draft = OwnerDraft(
                .connection, connector: connector, name: name, settings: ["domain": ["a.tickets.example"]],
                secrets: ["token": secret("t")])
            try two.from.vault.perform(CreateOwner(draft), as: two.from.session)
        }
        let bundle = try two.bundle("S", "T")
        guard
            case .input(.invalid)? = failure({
                try two.to.vault.perform(ImportBundle(bundle), as: two.to.session)
            })
        else {
            Issue.record("the host of T is accepted")
            return
        }
    }

    @Test func `reports a truncated bundle`() throws {
        let two = try Two()
        let bundle = try two.bundle()
        let lines = bundle.split(separator: "\n", omittingEmptySubsequences: false)
        for count in 1..<lines.count - 1 {
            let cut = lines.prefix(count).joined(separator: "\n") + "\n"
            #expect(
                failure { try two.to.vault.perform(ImportBundle(cut), as: two.to.session) }
                    == .bundle(.truncated))
        }
        #expect(
            failure { try two.to.vault.perform(ImportBundle(""), as: two.to.session) }
                == .bundle(.malformed(line: 1)))
        #expect(
            failure { try two.to.vault.perform(ImportBundle(bundle + "x"), as: two.to.session) }
                == .bundle(.truncated))
    }

    @Test func `can require the exporter's key`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let key = Hex.encode(two.from.session.member.signKey)
        #expect(
            failure { try two.to.vault.perform(ImportBundle(bundle, signedBy: two.key), as: two.to.session) }
                == .bundle(.otherExporter(name: "ana", key: key)))
        _ = try two.to.vault.perform(ImportBundle(bundle, signedBy: key), as: two.to.session)
    }

    // case 67
    @Test func `reports all taken names at once, and imports nothing`() throws {
        let two = try Two()
        try two.to.custom("a")
        try two.to.custom("P")
        let size = two.to.vault.size
        #expect(
            failure { try two.to.vault.perform(ImportBundle(two.bundle()), as: two.to.session) }
                == .bundle(
                    .namesTaken([
                        TakenName(kind: .connection, name: "A", taken: "a"),
                        TakenName(kind: .connection, name: "P", taken: "P"),
                    ])))
        #expect(two.to.vault.size == size)
        #expect(try two.to.names(OwnerFilter(), .client) == [])
    }

    @Test func `a dry run reports the import and changes nothing`() throws {
        let two = try Two()
        let before = try two.to.contents()
        let report = try two.to.vault.perform(ImportBundle(two.bundle(), dryRun: true), as: two.to.session)
        #expect(report.owners.count == 4)
        #expect(try two.to.contents() == before)
        _ = try two.to.vault.perform(ImportBundle(two.bundle()), as: two.to.session)
        try two.to.verify()
    }

    @Test func `a secret is bound to the connector that it was exported with`() throws {
        let two = try Two()
        let bundle = try two.bundle("P")
        let read = try Bundle(bundle)
        var owner = read.owners[0].json.object!
        owner["connector"] = "no-such"
        let changed = try #require(BundledOwner(.object(owner)))
        let head = Bundle.Head(
            vault: read.head.vault, exporter: read.head.exporter, to: read.head.to, key: read.head.key,
            time: read.head.time, count: 1)
        let text = Bundle.text(head, [changed], by: two.from.session.identity)
        // The secret does not open, so the unknown connector is not even looked up.
        guard
            case .bundle(.doesNotOpen)? = failure({
                try two.to.vault.perform(ImportBundle(text), as: two.to.session)
            })
        else {
            Issue.record("imported with another connector")
            return
        }
    }
}

extension JSON.Members {
    fileprivate subscript(first: String, second: String) -> JSON? { self[first]?[second] }
}
