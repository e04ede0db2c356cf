import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// The audit log, and entries of several owners at once.
@Suite struct LogTests {
    private func filled() throws -> TestVault {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user)
        for (day, name) in ["A", "B", "C"].enumerated() {
            test.scene.now = Timestamp(text: "2026-04-0\(day + 1)T12:00:00Z")!
            try test.custom(name, as: day == 1 ? bo : nil)
            try test.set(name, "app-key", "k")
        }
        return test
    }

    private func log(_ test: TestVault, _ change: (inout EntryFilter) -> Void) throws -> [String] {
        var filter = EntryFilter()
        change(&filter)
        var found: [String] = []
        try ListEntries(filter).forEach(in: test.vault) { line in
            found.append("\(line.entry.action.rawValue) \(line.entry.object.name)")
        }
        return found
    }

    @Test func `lists the newest entries first, up to the limit`() throws {
        let test = try filled()
        let all = try log(test) { _ in }
        #expect(all.count == Int(test.vault.size))
        #expect(all.first == "secret.set C" && all.last == "vault.create vault")
        #expect(try log(test) { $0.limit = 2 } == ["secret.set C", "connection.create C"])
        #expect(try log(test) { $0.limit = 1000 } == all)
    }

    @Test func `filters by object, member, action and time`() throws {
        let test = try filled()
        #expect(try log(test) { $0.object = "B" } == ["secret.set B", "connection.create B"])
        #expect(try log(test) { $0.actor = "bo" } == ["connection.create B"])
        #expect(try log(test) { $0.action = "connection" }.count == 3)
        #expect(try log(test) { $0.action = "connection.create" }.count == 3)
        #expect(try log(test) { $0.action = "conn" } == [])
        let second = Timestamp(text: "2026-04-02")!
        #expect(try log(test) { $0.since = second }.count == 4)
        #expect(try log(test) { ($0.since, $0.until) = (second, Timestamp(text: "2026-04-03")!) }.count == 2)
        #expect(try log(test) { ($0.action, $0.limit) = ("secret.set", 1) } == ["secret.set C"])
    }

    @Test func `proves that each returned entry is in the tree`() throws {
        let test = try filled()
        let entries = try test.entries()
        for seq in 0..<test.vault.size {
            let found = try test.vault.perform(ShowEntry(seq))
            #expect(found.seq == seq && found == entries[Int(seq)])
        }
        #expect(
            failure { try test.vault.perform(ShowEntry(test.vault.size)) }
                == .input(.entryNotFound(test.vault.size)))
    }

    @Test func `finds the entries of a use when a tile of the tree becomes full`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.postgresql("P")
        while test.vault.size < 255 { _ = try test.holds("app-key-value", "A", "app-key") }
        // The first use is entry 255, the second is looked up in a tree of 256.
        let variables = try test.vault.perform(
            OpenVariables(of: ["A", "P"], only: [], program: "true"), as: test.session)
        #expect(Set(variables.map(\.connection)) == ["A", "P"])
        #expect(test.vault.size == 257)
        try test.verify()
    }

    @Test func `all entries of one command share an operation and a reason`() throws {
        let test = try TestVault()
        var surroundings = test.surroundings
        surroundings.reason = "ticket 7"
        let vault = try Vault.open(test.path, surroundings)
        _ = try vault.createAll(connector: "celonis", as: test.session, next: Self.drafts(3))
        let entries = try test.entries().suffix(3)
        #expect(Set(entries.map(\.operation)).count == 1)
        #expect(entries.allSatisfy { $0.reason == "ticket 7" && $0.via.program == "test" })
        #expect(try test.verify().heads == 2)
    }

    private static func drafts(_ count: Int) -> () -> OwnerDraft? {
        var left = count
        return {
            left -= 1
            guard left >= 0 else { return nil }
            return OwnerDraft(
                .connection, connector: "celonis", name: "N\(left)",
                settings: [
                    "api-type": ["intelligence"], "domain": ["t.us-1.celonis.cloud"], "auth-type": ["custom"],
                ],
                secrets: ["app-key": secret("k")])
        }
    }

    // The taken name is first, last or in between, in the first batch of rows or in a later one.
    @Test(arguments: [(3, 0), (300, 0), (300, 1), (300, 172), (300, 299), (1, 0)])
    func `creates either all of several owners or none`(count: Int, taken: Int) throws {
        let test = try TestVault()
        try test.custom("n\(taken)")
        let size = test.vault.size
        #expect(
            failure {
                try test.vault.createAll(
                    connector: "celonis", as: test.session, next: Self.drafts(count))
            } == .input(.alreadyExists(kind: .connection, name: "N\(taken)", taken: "n\(taken)")))
        #expect(try test.names() == ["n\(taken)"])
        #expect(test.vault.size == size)
        // The failure does not affect the next operation.
        try test.custom("Next")
        try test.verify()
    }

    @Test func `owners that are created together can be used and found`() throws {
        let test = try TestVault()
        #expect(
            try test.vault.createAll(connector: "celonis", as: test.session, next: Self.drafts(700)) == 700)
        #expect(try test.names().count == 700)
        for name in ["N0", "N127", "N128", "N699"] { #expect(try test.use(name) == "k") }
        #expect(try test.verify(secrets: true).opened == 700)
        var found: [String] = []
        var filter = OwnerFilter()
        filter.search = "N650"
        try ListOwners(.connection, filter).forEach(in: test.vault) { found.append($0.name) }
        #expect(found == ["N650"])
    }
}
