import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Lists, searches and histories, which need no key.
@Suite struct ListingTests {
    private func filled() throws -> TestVault {
        let test = try TestVault()
        for number in 0..<25 {
            try test.custom(
                "Connection \(number)", domain: "team\(number % 3).us-1.celonis.cloud",
                tags: [Owner.Tag(key: "env", value: number.isMultiple(of: 2) ? "prod" : "test")],
                note: number == 7 ? "Überseehafen, billing" : "")
        }
        try test.postgresql("Warehouse")
        return test
    }

    @Test func `pages add up to the whole list, in order`() throws {
        let test = try filled()
        let whole = try test.names()
        #expect(whole.count == 26)
        for size in [1, 4, 26, 100] {
            var paged: [String] = []
            var filter = OwnerFilter()
            filter.limit = size
            while true {
                let page = try test.names(filter)
                #expect(page.count <= size)
                paged += page
                guard let last = page.last, page.count == size else { break }
                filter.after = last
            }
            #expect(paged == whole)
        }
    }

    @Test func `combines filters by connector, tag and text`() throws {
        let test = try filled()
        var filter = OwnerFilter()
        filter.connector = "postgresql"
        #expect(try test.names(filter) == ["Warehouse"])
        filter.connector = "celonis"
        filter.tags = [Owner.Tag(key: "env", value: "test")]
        #expect(try test.names(filter).count == 12)
        filter.search = "uberseehaf"
        #expect(try test.names(filter) == ["Connection 7"])
        filter.tags = [Owner.Tag(key: "env", value: "prod")]
        #expect(try test.names(filter) == [])
    }

    @Test(arguments: ["team1", "TEAM1 celonis", "\"team1\"", "team1*", "team1 OR x-none"])
    func `searches words and prefixes, and does not evaluate FTS5 syntax`(text: String) throws {
        let test = try filled()
        var filter = OwnerFilter()
        filter.search = text
        let expected = text.contains("none") ? 0 : 8
        #expect(try test.names(filter).count == expected)
    }

    @Test func `refuses a search without a word`() throws {
        let test = try TestVault()
        var filter = OwnerFilter()
        filter.search = "\"* - \""
        #expect(failure { try test.names(filter) } != nil)
    }

    @Test func `finds the current values only`() throws {
        let test = try TestVault()
        try test.custom("A", domain: "old.us-1.celonis.cloud")
        try test.edit("A", ["domain": ["new.us-1.celonis.cloud"]], secrets: ["app-key": "k"])
        try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "quarterly"), as: test.session)
        var filter = OwnerFilter()
        for (word, names) in [("old", []), ("new", ["A"]), ("quarterly", ["A"])] as [(String, [String])] {
            filter.search = word
            #expect(try test.names(filter) == names, "\(word)")
        }
        try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        #expect(try test.names(filter) == [])
    }

    @Test func `the history has every entry about one owner`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        try test.set("A", "app-key", "k")
        _ = try test.use("A")
        var actions: [Action] = []
        try ShowHistory(.connection, "A").forEach(in: test.vault) { actions.append($0.action) }
        #expect(actions == [.createConnection, .setSecret, .execConnection])
    }
}
