import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// OAuth 2.0 clients, which connections share, and the domain names that a client's secret is bound to.
@Suite struct ClientTests {
    @Test func `refuses a connection with domain names that its client does not have`() throws {
        let test = try TestVault()
        try test.client("C")
        let domains = ["team.us-1.celonis.cloud", "evil.us-1.celonis.cloud"]
        guard
            case .input(.invalid(let problems))? = failure({
                try test.oauth("O", client: "C", domains: domains)
            })
        else {
            Issue.record("accepted")
            return
        }
        #expect(problems.map(\.field) == ["valid-domain-names"])
        try test.oauth("O", client: "C")
        guard case .input(.invalid)? = failure({ try test.edit("O", ["valid-domain-names": domains]) }) else {
            Issue.record("edited")
            return
        }
        try test.verify()
    }

    @Test func `refuses a connection with an unknown client`() throws {
        let test = try TestVault()
        try test.client("Client")
        #expect(
            failure { try test.oauth("O", client: "Clent") }
                == .input(.notFound(kind: .client, name: "Clent", nearest: ["Client"])))
    }

    @Test func `refuses to remove a client in use, and names its connections`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("first", client: "C")
        try test.oauth("second", client: "C")
        #expect(
            failure { try test.vault.perform(RemoveOwner(.client, "C"), as: test.session) }
                == .input(.clientInUse(name: "C", by: ["first", "second"], why: "removed")))
        #expect(try test.vault.perform(ListClientUsers(of: "C")) == ["first", "second"])
        try test.vault.perform(RemoveOwner(.connection, "first"), as: test.session)
        try test.edit("second", ["auth-type": ["custom"]], secrets: ["app-key": "k"])
        try test.vault.perform(RemoveOwner(.client, "C"), as: test.session)
        #expect(try test.names(OwnerFilter(), .client) == [])
        try test.verify()
    }

    // The client of a connection is a setting; the column is derived from it.
    @Test func `finds a connection that is unlinked from its client`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("O", client: "C")
        try test.raw("UPDATE owners SET client = NULL")
        #expect(
            try test.faults(secrets: false)
                == [.settingsChanged(owner: "O", signedBy: "ana", at: test.scene.now)])
    }

    @Test func `refuses to rename a client in use, or to remove domain names in use`() throws {
        let test = try TestVault()
        let domains = ["team.us-1.celonis.cloud", "more.us-1.celonis.cloud"]
        try test.client("C", domains: domains)
        try test.oauth("O", client: "C")
        let secrets = ["client-secret": "s"]
        #expect(
            failure { try test.edit(.client, "C", ["name": ["D"]], secrets: secrets) }
                == .input(.clientInUse(name: "C", by: ["O"], why: "renamed")))
        #expect(
            failure { try test.edit(.client, "C", ["valid-domain-names": [domains[1]]], secrets: secrets) }
                == .input(.clientInUse(name: "C", by: ["O"], why: "given fewer valid domain names")))
        try test.edit(.client, "C", ["valid-domain-names": [domains[0]]], secrets: secrets)
        #expect(try test.holds("s", "C", "client-secret"))
        try test.verify()
    }

    @Test func `one change of a client's secret applies to all its connections`() throws {
        let test = try TestVault()
        try test.client("C")
        for name in ["first", "second"] { try test.oauth(name, client: "C") }
        let size = test.vault.size
        try test.set("C", "client-secret", "newer")
        #expect(test.vault.size == size + 1)
        #expect(try test.holds("newer", "C", "client-secret"))
        #expect(failure { try test.use("first") } == .use(.needsToken(name: "first")))
    }
}
