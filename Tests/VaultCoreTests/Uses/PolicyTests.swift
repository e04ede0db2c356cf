import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Use policies of connections: uses, path rules and rotation hooks.
@Suite struct PolicyTests {
    @Test func `refuses and records uses that the policy does not allow, until an admin allows them`()
        throws
    {
        let vault = try TestVault()
        try vault.custom("prod")
        try vault.allow(UsePolicy(uses: [.request, .proxy]), of: "prod", as: vault.session)
        let id = try vault.vault.perform(ShowOwner(.connection, "prod")).id
        let expected = VaultError.access(
            .useRefused(name: "prod", id: id, use: .exec, allowed: [.proxy, .request]))
        #expect(failure { try vault.use("prod") } == expected)
        let child = OpenConnection("prod", for: .child)
        #expect(failure { try vault.vault.perform(child, as: vault.session) } == expected)
        let refused = try #require(try vault.entries().last)
        #expect(refused.action == .refused && refused.object.id == id.hex)
        #expect(
            refused.change.details["what"] == "connection.exec" && refused.change.details["why"] == "policy")
        _ = try vault.vault.perform(
            OpenConnection("prod", for: .request(method: "GET", path: try RequestPath("/x"), headers: [])),
            as: vault.session)
        // Other changes leave the policy as it is.
        try vault.set("prod", "app-key", "another-key")
        try vault.edit("prod", ["domain": ["other.us-1.celonis.cloud"]], secrets: ["app-key": "third-key"])
        try vault.reopen()
        #expect(failure { try vault.use("prod") } != nil)
        try vault.allow(UsePolicy(), of: "prod", as: vault.session)
        #expect(try vault.use("prod") == "third-key")
        #expect(
            failure { try vault.allow(UsePolicy(), of: "prod", as: vault.session) }
                == .input(.nothingToDo("prod")))
        try vault.verify()
    }

    @Test func `only an admin can change a policy`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let bo = try vault.addMember("bo", .user)
        let error = failure { try vault.allow(UsePolicy(uses: []), of: "prod", as: bo) }
        #expect(error == .access(.forbidden(member: "bo", role: .user, action: .allowUses)))
        #expect(try vault.entries().last?.action == .refused)
        #expect(!Role.user.allows(.allowUses) && !Role.writer.allows(.requestConnection))
    }

    @Test func `a rotation hook is part of the policy, and its use is recorded`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let bo = try vault.addMember("bo", .user)
        let naming = AllowUses(of: "prod", uses: nil, paths: nil, rotateWith: "/usr/bin/hook")
        #expect(
            failure { try vault.vault.perform(naming, as: bo) }
                == .access(.forbidden(member: "bo", role: .user, action: .allowUses)))
        _ = try vault.vault.perform(naming, as: vault.session)
        // A change of the rest of the policy keeps the hook.
        _ = try vault.vault.perform(AllowUses(of: "prod", uses: [.proxy], paths: []), as: vault.session)
        try vault.reopen()
        #expect(
            try vault.vault.perform(ShowUsage(of: "prod")).policy
                == UsePolicy(uses: [.proxy], rotateWith: "/usr/bin/hook"))
        #expect(try vault.vault.perform(FindRotationHook(of: "prod")) == "/usr/bin/hook")
        _ = try vault.vault.perform(
            StartRotation(
                RotationDraft(of: "prod", secrets: ["app-key": secret("new")], program: "/usr/bin/hook")),
            as: bo)
        #expect(try vault.entries().last?.change.details["program"] == "/usr/bin/hook")
        for program in ["hook", "./hook", "/a\u{1B}b", "/" + String(repeating: "a", count: 4096)] {
            guard
                case .input(.invalid)? = failure({
                    try vault.vault.perform(AllowUses(of: "prod", rotateWith: program), as: vault.session)
                })
            else {
                Issue.record("accepted: \(program)")
                return
            }
        }
        // The policy can still be changed after an edit that leaves the connection without a secret to rotate.
        try vault.client("shared")
        try vault.edit(
            "prod",
            [
                "auth-type": ["oauth2"], "oauth-client": ["shared"], "scopes": ["studio.packages:read"],
                "valid-domain-names": ["team.us-1.celonis.cloud"],
            ])
        _ = try vault.vault.perform(AllowUses(of: "prod", uses: [.request]), as: vault.session)
        _ = try vault.vault.perform(AllowUses(of: "prod", rotateWith: ""), as: vault.session)
        #expect(try vault.vault.perform(FindRotationHook(of: "prod")) == nil)
        try vault.verify()
    }

    @Test func `refuses every use by a member who cannot open secrets`() throws {
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
                failure { try vault.vault.perform(OpenConnection("prod", for: purpose), as: bo) }
                    == .access(.forbidden(member: "bo", role: .writer, action: purpose.action)))
        }
    }

    @Test func `checks path rules before opening a secret`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let rule = try PathRule("GET /intelligence/**")
        try vault.allow(UsePolicy(paths: [rule]), of: "prod", as: vault.session)
        #expect(try vault.vault.perform(ShowUsage(of: "prod")).policy == UsePolicy(paths: [rule]))
        let path = try RequestPath("/integration/x")
        guard
            case .access(.pathRefused(_, _, "GET", "/integration/x", ["GET /intelligence/**"]))? = failure({
                try vault.vault.perform(
                    OpenConnection("prod", for: .request(method: "GET", path: path, headers: [])),
                    as: vault.session)
            })
        else {
            Issue.record("not refused")
            return
        }
        #expect(try vault.entries().last?.change.details["why"] == "policy: GET /integration/x")
    }
}
