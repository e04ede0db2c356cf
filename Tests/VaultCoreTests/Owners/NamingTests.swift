import TestSupport
import Testing
import VaultRegistry

@testable import VaultCore

/// Names, which must not look alike.
@Suite struct NamingTests {
    // case 67: a Cyrillic letter, another case, a digit for a letter
    @Test(arguments: ["C\u{435}lonis", "CELONIS", "Ce1onis"])
    func `refuses a name that looks like an existing one`(twin: String) throws {
        let test = try TestVault()
        try test.custom("Celonis")
        #expect(
            failure { try test.custom(twin) }
                == .input(.alreadyExists(kind: .connection, name: twin, taken: "Celonis")))
        try test.custom("other")
        #expect(
            failure { try test.edit("other", ["name": [twin]], secrets: ["app-key": "k"]) }
                == .input(.alreadyExists(kind: .connection, name: twin, taken: "Celonis")))
        #expect(try test.names() == ["Celonis", "other"])
    }

    // case 67: the lookup is exact
    @Test func `does not find a name by a look-alike`() throws {
        let test = try TestVault()
        try test.custom("Celonis")
        #expect(
            failure { try test.use("C\u{435}lonis") }
                == .input(.notFound(kind: .connection, name: "C\u{435}lonis", nearest: ["Celonis"])))
    }

    // cases 67 and 68
    @Test(
        arguments: [
            "", " ", "a\u{202e}b", "a\u{200b}b", "a\nb", "a\u{1b}[2Jb", "-x", "../a", "a\u{0}b",
            "\u{301}", String(repeating: "n", count: 101),
        ])
    func `refuses a name that is not safe to display`(name: String) throws {
        let test = try TestVault()
        guard case .input(.invalid(let problems))? = failure({ try test.custom(name) }) else {
            Issue.record("accepted as a name")
            return
        }
        #expect(problems.map(\.field) == ["name"])
        #expect(try test.names() == [])
    }

    // case 67: one spelling, however it was typed
    @Test func `stores a name in composed form, without surrounding spaces`() throws {
        let test = try TestVault()
        try test.custom(" Cafe\u{301} ")
        #expect(try test.names().map { Array($0.utf8) } == [Array("Caf\u{e9}".utf8)])
        #expect(
            failure { try test.custom("Caf\u{e9}") }
                == .input(.alreadyExists(kind: .connection, name: "Caf\u{e9}", taken: "Caf\u{e9}")))
    }

    @Test func `a name is free again once its owner is renamed or removed`() throws {
        let test = try TestVault()
        try test.custom("A", key: "first")
        try test.edit("A", ["name": ["B"]], secrets: ["app-key": "first"])
        try test.custom("A", key: "second")
        try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        try test.custom("A", key: "third")
        #expect(try test.use("A") == "third")
        #expect(try test.use("B") == "first")
        try test.verify()
    }

    @Test func `a connection and a client can share a name`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.client("A")
        #expect(try test.vault.perform(ShowOwner(nil, "A")).kind == .connection)
        try test.verify()
    }

    @Test func `suggests the nearest names for an unknown one`() throws {
        let test = try TestVault()
        for name in ["Celonis prod", "Celonis test", "Zendesk"] { try test.custom(name) }
        guard
            case .input(.notFound(.connection, "Celonis prd", let nearest))? = failure({
                try test.use("Celonis prd")
            }
            )
        else {
            Issue.record("found")
            return
        }
        #expect(nearest.first == "Celonis prod")
        #expect(!nearest.contains("Zendesk"))
    }
}
