import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

@Suite struct PolicyTests {
    @Test func `what a policy does not allow is refused, with an entry, until an admin allows it again`()
        throws
    {
        let vault = try TestVault()
        try vault.custom("prod")
        try vault.vault.allow(UsePolicy(uses: [.request, .proxy]), of: "prod", as: vault.session)
        let id = try vault.vault.show(.connection, "prod").id
        #expect(
            failure { try vault.use("prod") }
                == .useRefused(name: "prod", id: id, use: .exec, allowed: [.proxy, .request]))
        let refused = try #require(try vault.entries().last)
        #expect(refused.action == .refused && refused.object.id == id.hex)
        #expect(
            refused.change.details["what"] == "connection.exec" && refused.change.details["why"] == "policy")
        _ = try vault.vault.open(
            "prod", for: .request(method: "GET", path: try RequestPath("/x"), headers: []), as: vault.session)
        // What others change meanwhile leaves it as it is.
        try vault.set("prod", "app-key", "another-key")
        try vault.edit("prod", ["domain": ["other.us-1.celonis.cloud"]], secrets: ["app-key": "third-key"])
        try vault.reopen()
        #expect(failure { try vault.use("prod") } != nil)
        try vault.vault.allow(UsePolicy(), of: "prod", as: vault.session)
        #expect(try vault.use("prod") == "third-key")
        #expect(
            failure { try vault.vault.allow(UsePolicy(), of: "prod", as: vault.session) }
                == .nothingToDo("prod"))
        try vault.verify()
    }

    @Test func `only an admin says what is allowed`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let bo = try vault.addMember("bo", .user)
        let error = failure { try vault.vault.allow(UsePolicy(uses: []), of: "prod", as: bo) }
        #expect(error == .forbidden(member: "bo", role: .user, action: .allowUses))
        #expect(try vault.entries().last?.action == .refused)
        #expect(!Role.user.allows(.allowUses) && !Role.writer.allows(.requestConnection))
    }

    @Test func `a hook is a part of the policy, and who rotates with it is told the ledger`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let bo = try vault.addMember("bo", .user)
        let naming = AllowUses(of: "prod", uses: nil, paths: nil, rotateWith: "/usr/bin/hook")
        #expect(
            failure { try naming.perform(in: vault.vault, as: bo) }
                == .forbidden(member: "bo", role: .user, action: .allowUses))
        _ = try naming.perform(in: vault.vault, as: vault.session)
        // The rest of the policy is said without it, and leaves it as it is.
        _ = try AllowUses(of: "prod", uses: [.proxy], paths: []).perform(in: vault.vault, as: vault.session)
        try vault.reopen()
        #expect(
            try vault.vault.policy(of: "prod") == UsePolicy(uses: [.proxy], rotateWith: "/usr/bin/hook"))
        #expect(try vault.vault.rotationHook(of: "prod") == "/usr/bin/hook")
        _ = try vault.vault.startRotation(
            RotationDraft(of: "prod", secrets: ["app-key": secret("new")], program: "/usr/bin/hook"), as: bo)
        #expect(try vault.entries().last?.change.details["program"] == "/usr/bin/hook")
        for program in ["hook", "./hook", "/a\u{1B}b", "/" + String(repeating: "a", count: 4096)] {
            guard
                case .invalid? = failure({
                    try AllowUses(of: "prod", rotateWith: program).perform(in: vault.vault, as: vault.session)
                })
            else {
                Issue.record("taken: \(program)")
                return
            }
        }
        // Where the connection has become one that needs none, the rest can be said all the same.
        try vault.client("shared")
        try vault.edit(
            "prod",
            [
                "auth-type": ["oauth2"], "oauth-client": ["shared"], "scopes": ["studio.packages:read"],
                "valid-domain-names": ["team.us-1.celonis.cloud"],
            ])
        _ = try AllowUses(of: "prod", uses: [.request]).perform(in: vault.vault, as: vault.session)
        _ = try AllowUses(of: "prod", rotateWith: "").perform(in: vault.vault, as: vault.session)
        #expect(try vault.vault.rotationHook(of: "prod") == nil)
        try vault.verify()
    }

    @Test func `no use is allowed to who may open nothing`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let bo = try vault.addMember("bo", .writer)
        for purpose in [
            .test, .proxy(Purpose.Tally()), .token,
            .request(method: "GET", path: try RequestPath("/"), headers: []),
        ]
            as [Purpose]
        {
            #expect(
                failure { try vault.vault.open("prod", for: purpose, as: bo) }
                    == .forbidden(member: "bo", role: .writer, action: purpose.action))
        }
    }

    @Test func `a rule of paths holds before anything is opened`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let rule = try PathRule("GET /intelligence/**")
        try vault.vault.allow(UsePolicy(paths: [rule]), of: "prod", as: vault.session)
        #expect(try vault.vault.policy(of: "prod") == UsePolicy(paths: [rule]))
        let path = try RequestPath("/integration/x")
        guard
            case .pathRefused(_, _, "GET", "/integration/x", ["GET /intelligence/**"])? = failure({
                try vault.vault.open(
                    "prod", for: .request(method: "GET", path: path, headers: []), as: vault.session)
            })
        else {
            Issue.record("not refused")
            return
        }
        #expect(try vault.entries().last?.change.details["why"] == "policy: GET /integration/x")
    }
}
