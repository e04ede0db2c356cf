import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore

/// Requests to join, which travel from a new member to an admin over an untrusted channel.
@Suite struct RequestTests {
    private static let key = Team.key(8)

    private func request(_ team: Team, _ credential: Credential = .keyFile(Self.key)) throws -> MemberRequest
    {
        try Vault.request(toJoin: team.vault.id, with: credential, team.test.surroundings)
    }

    @discardableResult
    private func add(_ name: String, _ text: String, _ team: Team, _ role: Role = .user) throws -> Session {
        let request = try team.vault.read(request: text)
        _ = try team.vault.perform(AddMember(name, role, by: .request(request.text)), as: team.ana)
        return try team.test.unlock(name, key: Self.key)
    }

    @Test func `adds a member with the identity from the request`() throws {
        let team = try Team()
        let request = try request(team)
        let eve = try add("eve", request.text, team)
        #expect(try team.test.use("A", as: eve) == "the first key")
        #expect(try team.vault.perform(ListMembers()).last?.fingerprint == request.fingerprint)
        #expect(request.fingerprint.wholeMatch(of: /([0-9a-f]{4} ){4}[0-9a-f]{4}/) != nil)
        try team.test.verify()
    }

    @Test func `a passphrase from a request need not be replaced`() throws {
        let team = try Team()
        let own = Credential.passphrase(secret("my own words"))
        let read = try team.vault.read(request: try request(team, own).text)
        let eve = try team.vault.perform(AddMember("eve", .user, by: .request(read.text)), as: team.ana)
        let session = try team.vault.unlock(try team.vault.member(named: "eve"), with: own)
        #expect(eve.temporary.isEmpty && !session.mustReplacePassphrase)
        #expect(try team.test.use("A", as: session) == "the first key")
    }

    @Test func `refuses an altered request`() throws {
        let team = try Team()
        let text = Array(try request(team).text.utf8)
        for place in text.indices.dropLast() {
            var other = text
            other[place] = other[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            guard let changed = String(validating: other, as: UTF8.self) else { continue }
            guard
                case .member(.requestRefused(let misfit))? = failure({ try team.vault.read(request: changed) }
                ),
                misfit != .otherVault || place < 0
            else {
                Issue.record("byte \(place) of the request")
                return
            }
        }
        for changed in ["", "{}", "\n", String(decoding: text, as: UTF8.self) + "\n"] {
            #expect(failure { try team.vault.read(request: changed) } != nil)
        }
        #expect(team.vault.state.members.count == 4)
    }

    @Test func `refuses a request for another vault`() throws {
        let (team, other) = (try Team(), try Team())
        let text = try request(other).text
        #expect(failure { try team.vault.read(request: text) } == .member(.requestRefused(.otherVault)))
        // Also when the other vault has already accepted it.
        let read = try other.vault.read(request: text)
        #expect(
            failure { try team.vault.perform(AddMember("eve", .user, by: .request(read.text)), as: team.ana) }
                == .member(.requestRefused(.otherVault)))
    }

    @Test func `refuses a request by a current member`() throws {
        let team = try Team()
        let text = try request(team).text
        try add("eve", text, team)
        #expect(failure { try add("eva", text, team, .admin) } == .member(.alreadyMember(name: "eve")))
        // After the removal, an admin can accept the request again.
        _ = try team.vault.perform(RemoveMember("eve"), as: team.ana)
        try add("eva", text, team)
        try team.test.verify()
    }

    // cases 13 and 24: an attacker can sign such a request with its own key
    @Test func `refuses a signed request with a cheap passphrase or a low-order key`() throws {
        let team = try Team()
        let good = try request(team, .passphrase(secret("my own words")))
        func refused(memory: UInt64?, receive: [UInt8]? = nil, sealed: [UInt8]? = nil) throws {
            let identity = Identity.generate()
            let slot = Slot(
                id: good.slot.id, member: good.id.bytes, kind: .passphrase, salt: good.slot.salt,
                memory: memory, passes: good.slot.passes, blob: sealed ?? good.slot.blob)
            var text = MemberRequest(vault: good.vault, id: good.id, identity: identity, slot: slot).text
            if let receive { text = try Self.signed(text, receiving: receive, by: identity) }
            #expect(failure { try team.vault.read(request: text) } == .member(.requestRefused(.malformed)))
        }
        try refused(memory: 1024)
        try refused(memory: 1 << 40)
        try refused(memory: nil)
        try refused(memory: good.slot.memory, sealed: [1, 2, 3])
        try refused(memory: good.slot.memory, receive: [UInt8](repeating: 0, count: 32))
    }

    /// A request with another receiving key and a valid signature.
    private static func signed(
        _ text: String, receiving key: [UInt8], by identity: borrowing Identity
    ) throws -> String {
        var json = try #require(try JSON.parse(text).object)
        json["signature"] = nil
        json["receive_key"] = .string(Hex.encode(key))
        let body = PAE.encode(.text("vault/request"), .bytes(JSON.object(json).bytes))
        json["signature"] = .string(Hex.encode(identity.sign(body)))
        return JSON.object(json).text + "\n"
    }

    @Test func `writes a request to a new, private file`() throws {
        let team = try Team()
        let path = team.test.folder + "/eve.request"
        let request = try request(team)
        try request.write(to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == request.text)
        #expect(failure { try request.write(to: path) } == .backup(.fileExists(path: path)))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
