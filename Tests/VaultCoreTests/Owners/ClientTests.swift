import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// An OAuth 2.0 client is shared, and its secret is bound to its own list of hosts.
@Suite struct ClientTests {
    @Test func `refuses a connection whose valid domain names are not in its client's`() throws {
        let test = try TestVault()
        try test.client("C")
        let domains = ["team.us-1.celonis.cloud", "evil.us-1.celonis.cloud"]
        guard case .invalid(let problems)? = failure({ try test.oauth("O", client: "C", domains: domains) })
        else {
            Issue.record("taken")
            return
        }
        #expect(problems.map(\.field) == ["valid-domain-names"])
        try test.oauth("O", client: "C")
        guard case .invalid? = failure({ try test.edit("O", ["valid-domain-names": domains]) }) else {
            Issue.record("edited")
            return
        }
        try test.verify()
    }

    @Test func `refuses a connection with a client that is not there`() throws {
        let test = try TestVault()
        try test.client("Client")
        #expect(
            failure { try test.oauth("O", client: "Clent") }
                == .notFound(kind: .client, name: "Clent", nearest: ["Client"]))
    }

    @Test func `does not remove a client in use, and names its users`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("first", client: "C")
        try test.oauth("second", client: "C")
        #expect(
            failure { try test.vault.remove(.client, "C", as: test.session) }
                == .clientInUse(name: "C", by: ["first", "second"], why: "removed"))
        #expect(try test.vault.connections(of: "C") == ["first", "second"])
        try test.vault.remove(.connection, "first", as: test.session)
        try test.edit("second", ["auth-type": ["custom"]], secrets: ["app-key": "k"])
        try test.vault.remove(.client, "C", as: test.session)
        #expect(try test.names(OwnerFilter(), .client) == [])
        try test.verify()
    }

    // The pointer in the row is not what decides.
    @Test func `does not remove a client whose users were unlinked in the file`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("O", client: "C")
        try test.raw("UPDATE owners SET client = NULL")
        #expect(
            try test.faults(secrets: false)
                == [.settingsChanged(owner: "O", signedBy: "ana", at: test.scene.now)])
    }

    @Test func `does not rename a client in use, nor take hosts from it that are used`() throws {
        let test = try TestVault()
        let domains = ["team.us-1.celonis.cloud", "more.us-1.celonis.cloud"]
        try test.client("C", domains: domains)
        try test.oauth("O", client: "C")
        let secrets = ["client-secret": "s"]
        #expect(
            failure { try test.edit(.client, "C", ["name": ["D"]], secrets: secrets) }
                == .clientInUse(name: "C", by: ["O"], why: "renamed"))
        #expect(
            failure { try test.edit(.client, "C", ["valid-domain-names": [domains[1]]], secrets: secrets) }
                == .clientInUse(name: "C", by: ["O"], why: "given fewer valid domain names"))
        try test.edit(.client, "C", ["valid-domain-names": [domains[0]]], secrets: secrets)
        #expect(try test.holds("s", "C", "client-secret"))
        try test.verify()
    }

    @Test func `one edit of a client serves all its connections`() throws {
        let test = try TestVault()
        try test.client("C")
        for name in ["first", "second"] { try test.oauth(name, client: "C") }
        let size = test.vault.size
        try test.set("C", "client-secret", "newer")
        #expect(test.vault.size == size + 1)
        #expect(try test.holds("newer", "C", "client-secret"))
        #expect(failure { try test.use("first") } == .needsToken(name: "first"))
    }
}
