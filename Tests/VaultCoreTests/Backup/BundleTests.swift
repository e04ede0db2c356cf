import Foundation
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Connections that move to another vault with their secrets, which nobody sees.
@Suite struct BundleTests {
    /// Two vaults; the first has connections, the second takes them.
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
            try from.vault.exportBundle(names, to: key, as: from.session)
        }
    }

    @Test func `connections arrive with their settings, annotations, clients and secrets`() throws {
        let two = try Two()
        let report = try two.to.vault.importBundle(two.bundle(), as: two.to.session)
        #expect(report.owners.map(\.name) == ["C", "A", "O", "P"])
        #expect(report.exporter == "ana" && report.vault == Hex.encode(two.from.vault.id))
        #expect(report.exporterKey == Hex.encode(two.from.session.member.signKey))
        #expect(try two.to.use("A") == "second-key")
        #expect(try two.to.holds("client-secret-value", "C", "client-secret"))
        for name in ["A", "O", "P"] {
            let (there, here) = (
                try two.from.vault.show(.connection, name), try two.to.vault.show(.connection, name)
            )
            #expect(here.settings == there.settings && here.tags == there.tags && here.note == there.note)
            #expect(here.id != there.id && here.secrets.allSatisfy { $0.version == 1 })
        }
        try two.to.verify()
        try two.from.verify()
    }

    @Test func `when a secret expires and is to be rotated, and what may be done with it, goes along`() throws
    {
        let two = try Two()
        let expires = Timestamp(text: "2026-05-01T00:00:00Z")!
        try two.from.set("A", "app-key", "third-key", expires: expires)
        try two.from.vault.annotate(
            .connection, "A", tags: [], note: nil, rotate: ["app-key": .every(Period("30d")!)],
            as: two.from.session)
        let policy = UsePolicy(uses: [.request], paths: [try PathRule("GET /api/**")])
        try two.from.vault.allow(policy, of: "A", as: two.from.session)
        let bundle = try two.bundle("A")
        two.to.pass(240)
        // What a connection may be used for is an admin's to say, here as there.
        let bo = try two.to.addMember("bo", .user)
        let toBo = try two.from.vault.exportBundle(
            ["A"], to: Hex.encode(bo.member.receiveKey), as: two.from.session)
        #expect(
            failure { try two.to.vault.importBundle(toBo, as: bo) }
                == .forbidden(member: "bo", role: .user, action: .allowUses))
        _ = try two.to.vault.importBundle(bundle, as: two.to.session)
        let (there, here) = (
            try #require(two.from.vault.secrets(of: "A").secrets.first { $0.isCurrent }),
            try #require(two.to.vault.secrets(of: "A").secrets.first)
        )
        #expect(here.expiresAt == expires.text && here.rotateBy == there.rotateBy && here.rotateBy != nil)
        #expect(try two.to.vault.policy(of: "A") == policy)
        // Where its next version is concerned, the period goes on to hold.
        try two.to.set("A", "app-key", "fourth-key")
        #expect(
            try two.to.vault.secrets(of: "A").secrets.first { $0.isCurrent }?.rotateBy
                == (two.to.scene.now + Period("30d")!).text)
        try two.to.verify()
    }

    @Test func `a program that rotates does not go along, nor does one come in`() throws {
        let two = try Two()
        let policy = UsePolicy(uses: [.request, .proxy], rotateWith: "/usr/bin/hook")
        try two.from.vault.allow(policy, of: "A", as: two.from.session)
        let bundle = try two.bundle("A")
        #expect(!bundle.contains("hook"))
        var owner = try Bundle(bundle).owners[0]
        owner.policy = policy
        #expect(BundledOwner(owner.json)?.policy.rotateWith == nil)
        _ = try two.to.vault.importBundle(bundle, as: two.to.session)
        #expect(try two.to.vault.policy(of: "A") == UsePolicy(uses: [.request, .proxy]))
        #expect(try two.to.vault.rotationHook(of: "A") == nil)
    }

    @Test func `a bundle of the first form is read as it was meant`() throws {
        let two = try Two()
        let read = try Bundle(two.bundle("A"))
        var owner = read.owners[0].json.object!
        owner["terms"] = nil
        let head = read.head.json.text.replacing(#""bundle":2"#, with: #""bundle":1"#)
        let text = head + "\n" + JSON.object(owner).text + "\n"
        let hash = Hex.encode(Digest.sha256(Array(text.utf8)))
        let signature = two.from.session.identity.sign(Array("vault-bundle/v1\n\(hash)\n".utf8))
        let last: JSON = ["signature": .string(Hex.encode(signature))]
        _ = try two.to.vault.importBundle(text + last.text + "\n", as: two.to.session)
        #expect(try two.to.use("A") == "second-key")
    }

    @Test func `both ledgers tell of it, and neither of a value`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let out = try #require(try two.from.entries().last)
        #expect(out.action == .exportConnection && out.object.name == "A")
        #expect(out.change.details["to"]?.string == two.key)
        #expect(out.change.details["fields"] == ["app-key"])
        _ = try two.to.vault.importBundle(bundle, as: two.to.session)
        let entry = try #require(try two.to.entries().last)
        #expect(entry.action == .createConnection)
        #expect(entry.change.details["from", "vault"]?.string == Hex.encode(two.from.vault.id))
        #expect(
            entry.change.details["from", "sign_key"]?.string == Hex.encode(two.from.session.member.signKey))
    }

    // case 55
    @Test func `a bundle holds no value, and tells of its length its class only`() throws {
        let two = try Two()
        let bundle = try two.bundle()
        for value in ["first-key", "second-key", "client-secret-value"] {
            #expect(!bundle.contains(value))
            #expect(!bundle.contains(Base64.encode(Array(value.utf8)).prefix(8)))
        }
        try two.from.set("A", "app-key", "another-key")
        #expect(try two.bundle("A").utf8.count == two.bundle("A").utf8.count)
    }

    @Test func `only the member whom it is for imports it`() throws {
        let two = try Two()
        let eve = try two.to.addMember("eve", .admin)
        let bundle = try two.bundle("A")
        #expect(
            failure { try two.to.vault.importBundle(bundle, as: eve) }
                == .bundle(.otherRecipient(to: two.key, yours: Hex.encode(eve.member.receiveKey))))
        #expect(
            failure { try two.from.vault.importBundle(bundle, as: two.from.session) }
                == .bundle(
                    .otherRecipient(to: two.key, yours: Hex.encode(two.from.session.member.receiveKey))))
    }

    @Test func `only an admin exports, and only to a key that is one`() throws {
        let two = try Two()
        let bo = try two.from.addMember("bo", .user)
        #expect(
            failure { try two.from.vault.exportBundle([], to: two.key, as: bo) }
                == .forbidden(member: "bo", role: .user, action: .exportConnection))
        #expect(try two.from.entries().last?.action == .refused)
        for key in ["", "ana", String(two.key.dropLast(2)), String(repeating: "0", count: 64)] {
            #expect(
                failure { try two.from.vault.exportBundle([], to: key, as: two.from.session) }
                    == .bundle(.recipientKey))
        }
    }

    // cases 2, 3: a bundle is bound to names, settings and connector, and signed as a whole
    @Test func `whatever is changed in a bundle, nothing of it is imported`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let size = two.to.vault.size
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var bytes = Array(bundle.utf8)
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...127)
            guard let text = String(validating: bytes, as: UTF8.self) else { continue }
            #expect(failure { try two.to.vault.importBundle(text, as: two.to.session) } != nil)
        }
        #expect(two.to.vault.size == size)
        // Signed again by somebody else, after the host was changed: the secret does not open with it.
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
                try two.to.vault.importBundle(Bundle.text(head, [owner], by: forger), as: two.to.session)
            } == .bundle(.forged))
    }

    @Test func `a bundle that was cut short says so`() throws {
        let two = try Two()
        let bundle = try two.bundle()
        let lines = bundle.split(separator: "\n", omittingEmptySubsequences: false)
        for count in 1..<lines.count - 1 {
            let cut = lines.prefix(count).joined(separator: "\n") + "\n"
            #expect(failure { try two.to.vault.importBundle(cut, as: two.to.session) } == .bundle(.cutShort))
        }
        #expect(
            failure { try two.to.vault.importBundle("", as: two.to.session) }
                == .bundle(.malformed(line: 1)))
        #expect(
            failure { try two.to.vault.importBundle(bundle + "x", as: two.to.session) }
                == .bundle(.cutShort))
    }

    @Test func `the exporter's key can be asked for`() throws {
        let two = try Two()
        let bundle = try two.bundle("A")
        let key = Hex.encode(two.from.session.member.signKey)
        #expect(
            failure { try two.to.vault.importBundle(bundle, signedBy: two.key, as: two.to.session) }
                == .bundle(.otherExporter(name: "ana", key: key)))
        _ = try two.to.vault.importBundle(bundle, signedBy: key, as: two.to.session)
    }

    // case 67
    @Test func `every name that is taken is told at once, and nothing is changed`() throws {
        let two = try Two()
        try two.to.custom("a")
        try two.to.custom("P")
        let size = two.to.vault.size
        #expect(
            failure { try two.to.vault.importBundle(two.bundle(), as: two.to.session) }
                == .namesTaken([
                    TakenName(kind: .connection, name: "A", taken: "a"),
                    TakenName(kind: .connection, name: "P", taken: "P"),
                ]))
        #expect(two.to.vault.size == size)
        #expect(try two.to.names(OwnerFilter(), .client) == [])
    }

    @Test func `a dry run says what would be, and leaves nothing`() throws {
        let two = try Two()
        let before = try two.to.contents()
        let report = try two.to.vault.importBundle(two.bundle(), dryRun: true, as: two.to.session)
        #expect(report.owners.count == 4)
        #expect(try two.to.contents() == before)
        _ = try two.to.vault.importBundle(two.bundle(), as: two.to.session)
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
        // The secret is bound to the connector, so it does not even come to the question.
        guard
            case .bundle(.doesNotOpen)? = failure({ try two.to.vault.importBundle(text, as: two.to.session) })
        else {
            Issue.record("imported under another connector")
            return
        }
    }
}

extension JSON.Members {
    fileprivate subscript(first: String, second: String) -> JSON? { self[first]?[second] }
}
