import Testing
import VaultRegistry

@testable import VaultCore

/// Names are unique as a person sees them.
@Suite struct NamingTests {
    // case 67: Cyrillic a, fullwidth letters, another case, a zero for an O
    @Test(arguments: ["C\u{435}lonis", "CELONIS", "Ce1onis"])
    func `refuses a name that looks like one that is there`(twin: String) throws {
        let test = try TestVault()
        try test.custom("Celonis")
        #expect(
            failure { try test.custom(twin) }
                == .alreadyExists(kind: .connection, name: twin, taken: "Celonis"))
        try test.custom("other")
        #expect(
            failure { try test.edit("other", ["name": [twin]], secrets: ["app-key": "k"]) }
                == .alreadyExists(kind: .connection, name: twin, taken: "Celonis"))
        #expect(try test.names() == ["Celonis", "other"])
    }

    // case 67: finding is exact; a look-alike is not the thing
    @Test func `does not find one name by another that looks the same`() throws {
        let test = try TestVault()
        try test.custom("Celonis")
        #expect(
            failure { try test.use("C\u{435}lonis") }
                == .notFound(kind: .connection, name: "C\u{435}lonis", nearest: ["Celonis"]))
    }

    // cases 67 and 68
    @Test(
        arguments: [
            "", " ", "a\u{202e}b", "a\u{200b}b", "a\nb", "a\u{1b}[2Jb", "-x", "../a", "a\u{0}b",
            "\u{301}", String(repeating: "n", count: 101),
        ])
    func `refuses a name that is not safe to show`(name: String) throws {
        let test = try TestVault()
        guard case .invalid(let problems)? = failure({ try test.custom(name) }) else {
            Issue.record("taken as a name")
            return
        }
        #expect(problems.map(\.field) == ["name"])
        #expect(try test.names() == [])
    }

    // case 67: one spelling is kept, whichever was typed
    @Test func `a name is kept composed, without space around it`() throws {
        let test = try TestVault()
        try test.custom(" Cafe\u{301} ")
        #expect(try test.names().map { Array($0.utf8) } == [Array("Caf\u{e9}".utf8)])
        #expect(
            failure { try test.custom("Caf\u{e9}") }
                == .alreadyExists(kind: .connection, name: "Caf\u{e9}", taken: "Caf\u{e9}"))
    }

    @Test func `a name can be taken again once its owner is renamed or removed`() throws {
        let test = try TestVault()
        try test.custom("A", key: "first")
        try test.edit("A", ["name": ["B"]], secrets: ["app-key": "first"])
        try test.custom("A", key: "second")
        try test.vault.remove(.connection, "A", as: test.session)
        try test.custom("A", key: "third")
        #expect(try test.use("A") == "third")
        #expect(try test.use("B") == "first")
        try test.verify()
    }

    @Test func `a connection and a client may share a name`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.client("A")
        #expect(try test.vault.secrets(of: "A").kind == .connection)
        try test.verify()
    }

    @Test func `an unknown name is answered with the nearest ones`() throws {
        let test = try TestVault()
        for name in ["Celonis prod", "Celonis test", "Zendesk"] { try test.custom(name) }
        guard
            case .notFound(.connection, "Celonis prd", let nearest)? = failure({ try test.use("Celonis prd") }
            )
        else {
            Issue.record("found")
            return
        }
        #expect(nearest.first == "Celonis prod")
        #expect(!nearest.contains("Zendesk"))
    }
}
