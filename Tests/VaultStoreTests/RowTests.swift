import Testing

@testable import VaultStore

struct RowTests {
    private let scratch = Scratch()
    private let file: VaultFile

    init() throws { file = try VaultFile.create(scratch.path, fill: Sample.fill) }

    @Test func `finds owners by name, row ID and identifier`() throws {
        var owner = Sample.owner(77, client: nil)
        owner.id = try file.write { try $0.insertOwner(owner, words: "some words") }
        try file.read { rows throws in
            #expect(try rows.owner("connection", nameKey: owner.nameKey) == owner)
            #expect(try rows.owner(id: owner.id) == owner)
            #expect(try rows.owner(uid: owner.uid) == owner)
            #expect(try rows.owner("client", nameKey: owner.nameKey) == nil)
            #expect(try rows.owner(uid: [1]) == nil)
        }
        (owner.name, owner.nameKey, owner.settings, owner.note) = ("New", "new", "{}", "é\u{1b}")
        try file.write { try $0.updateOwner(owner, words: "fresh") }
        #expect(try file.read { try $0.owner(id: owner.id) } == owner)
        #expect(try names { $0.match = "fresh" } == ["New"])
        #expect(try names { $0.match = "some" } == [])
        try file.write { try $0.deleteOwner(owner.id) }
        #expect(try file.read { try $0.owner(id: owner.id) } == nil)
        #expect(try names { $0.match = "fresh" } == [])
    }

    @Test func `replaces all tags, and deletes them with their owner`() throws {
        let owner = try file.write { try $0.insertOwner(Sample.owner(77), words: "") }
        try file.write { try $0.setTags([("b", "2"), ("a", "1")], of: owner) }
        try file.write { try $0.setTags([("c", "3"), ("a", "")], of: owner) }
        let tags = try file.read { try $0.tags(of: owner) }
        #expect(tags.map(\.key) == ["a", "c"])
        #expect(tags.map(\.value) == ["", "3"])
        try file.write { try $0.deleteOwner(owner) }
        #expect(try file.read { try $0.tags(of: owner) }.isEmpty)
    }

    @Test func `orders secrets by field and version, and deletes them with their owner`() throws {
        let owner = try file.write { try $0.insertOwner(Sample.owner(77), words: "") }
        var expected: [SecretRow] = []
        for (field, version) in [("b", 2), ("a", 1), ("b", 1)] as [(String, UInt64)] {
            var secret = Sample.secret(of: owner, version: version, field: field, sealed: [UInt8(version)])
            secret.expiresAt = version == 2 ? "2027-01-01T00:00:00Z" : nil
            try file.write { try $0.insertSecret(secret) }
            expected.append(secret)
        }
        func found() throws -> [SecretRow] {
            try file.read { try $0.secrets(of: owner) }.map { row in
                var row = row
                row.id = 0
                return row
            }
        }
        #expect(try found() == [expected[1], expected[2], expected[0]])
        try file.write { try $0.deleteSecret(of: owner, field: "b", version: 2) }
        #expect(try found() == [expected[1], expected[2]])
        try file.write { try $0.deleteOwner(owner) }
        #expect(try found() == [])
    }

    @Test func `lists all owners page by page`() throws {
        let whole = try names { _ in }
        #expect(whole.count == 25)
        #expect(whole == whole.sorted())
        for size in [1, 7, 25, 26] {
            var (paged, after): ([String], String?) = ([], nil)
            while true {
                let page = try names { ($0.limit, $0.after) = (size, after) }
                if page.isEmpty { break }
                #expect(page.count <= size)
                paged += page
                after = page.last
            }
            #expect(paged == whole)
        }
    }

    @Test func `combines filters`() throws {
        #expect(try names { $0.connector = "celonis" }.count == 12)
        #expect(try names { $0.tags = [("env", "prod")] }.count == 5)
        #expect(try names { $0.tags = [("env", "prod"), ("team", "t3")] } == ["owner-003"])
        #expect(try names { $0.tags = [("env", "prod"), ("team", "t9")] } == [])
        #expect(try names { ($0.connector, $0.tags) = ("http", [("env", "prod")]) }.count == 3)
        #expect(try names { $0.match = "h7 AND example" } == ["owner-007"])
        #expect(
            try names { ($0.match, $0.after, $0.limit) = ("owner", "owner-020", 2) } == [
                "owner-021", "owner-022",
            ])
        let client = try file.read { try $0.owner("client", nameKey: "owner-500")! }
        #expect(try names { $0.client = client.id } == ["owner-003"])
        #expect(try file.read { try $0.countOwners("connection") } == 25)
        #expect(
            try file.read { try ($0.isConnectorUsed("celonis"), $0.isConnectorUsed("own")) } == (true, false))
    }

    @Test func `refuses to delete a client in use, and to insert a taken name`() throws {
        let client = try file.read { try $0.owner("client", nameKey: "owner-500")! }
        #expect(throws: StoreError.self) { try file.write { try $0.deleteOwner(client.id) } }
        #expect(try file.read { try $0.owner(id: client.id) } == client)
        var twin = Sample.owner(1)
        twin.uid = Sample.id(900)
        #expect(throws: StoreError.self) { _ = try file.write { try $0.insertOwner(twin, words: "") } }
        twin.kind = "client"
        _ = try file.write { try $0.insertOwner(twin, words: "") }
    }

    @Test func `returns the nearest names on both sides`() throws {
        let near = try file.read { try $0.ownerNames("connection", around: "owner-010x", limit: 2) }
        #expect(near == ["owner-010", "owner-009", "owner-011", "owner-012"])
    }

    @Test func `stores members, slots, epochs, grants and connectors`() throws {
        let ben = MemberRow(
            id: Sample.id(9), name: "ben", role: "writer", signKey: Sample.digest,
            receiveKey: Sample.digest.reversed())
        let slot = SlotRow(
            id: Sample.id(3), member: ben.id, kind: "key-file", salt: [4, 5], memory: nil, passes: nil,
            sealed: [6])
        let epoch = EpochRow(
            epoch: 2, commitment: Sample.digest, depositKey: Sample.digest, sealedPrevious: [8])
        try file.write { rows throws in
            try rows.insertMember(ben)
            try rows.insertSlot(slot)
            try rows.insertEpoch(epoch)
            try rows.insertGrant(epoch: 2, member: ben.id, sealed: [7])
            try rows.putConnector("own", source: "other")
        }
        try file.read { rows throws in
            #expect(try rows.members().last == ben)
            #expect(try rows.slots().count == 2)
            #expect(try rows.slots(of: ben.id) == [slot])
            #expect(try rows.epochs().last == epoch)
            #expect(try rows.grant(epoch: 2, member: ben.id) == [7])
            #expect(try rows.grant(epoch: 1, member: ben.id) == nil)
            #expect(try rows.grantedMembers(epoch: 1) == [Sample.id(1)])
            #expect(try rows.connectorSource("own") == "other")
            #expect(try rows.connectorNames() == ["own"])
        }
        try file.write { rows throws in
            try rows.retireEpoch(1)
            try rows.deleteSlot(slot.id)
            try rows.deleteConnector("own")
        }
        try file.read { rows throws in
            #expect(try rows.epochs().map(\.sealedPrevious) == [nil])
            #expect(try rows.grant(epoch: 1, member: Sample.id(1)) == nil)
            #expect(try rows.slots(of: ben.id) == [])
            #expect(try rows.connectorNames() == [])
        }
    }

    @Test func `returns the secrets to reseal in order, without those already resealed`() throws {
        var (after, seen): (Int64, [Int64]) = (0, [])
        while true {
            let rows = try file.read { try $0.secretsToReseal(to: 2, after: after, limit: 10) }
            guard let last = rows.last else { break }
            seen += rows.map(\.id)
            after = last.id
            try file.write { store in
                for row in rows { try store.reseal(row.id, epoch: 2, sealed: row.sealed + [1]) }
            }
        }
        #expect(seen.count == 25 && seen == seen.sorted())
        let counts = try file.read { try $0.countSecretsByEpoch() }
        #expect(counts.map(\.epoch) == [2] && counts.map(\.count) == [25])
    }

    @Test func `reseals exactly the rows with a new seal`() throws {
        let before = try file.read { try $0.secretsToReseal(to: 9, after: 0, limit: 100) }
        let resealed: [Int64] = [2, 3, 5, 11]
        try file.write { try $0.reseal(Sample.blobs(resealed), epoch: 2, list: 31) }
        try file.write { try $0.reseal([:], epoch: 3, list: 32) }
        let after = try file.read { try $0.secretsToReseal(to: 9, after: 0, limit: 100) }
        #expect(after.map(\.id) == before.map(\.id))
        for (old, new) in zip(before, after) {
            let isNew = resealed.contains(old.id)
            #expect(new.epoch == (isNew ? 2 : 1) && new.listed == (isNew ? 31 : nil))
            #expect(
                new.sealed
                    == (isNew ? [UInt8](repeating: UInt8(old.id), count: 100 + Int(old.id)) : old.sealed))
        }
        #expect(try file.read { try $0.countSecrets(notOf: 2) } == 21)
        #expect(try file.read { try $0.countSecrets(notOf: 1) } == 4)
        #expect(try file.read { try $0.integrityFaults() } == [])
    }

    @Test func `finds entries by number, by object and by newest state`() throws {
        try file.read { rows throws in
            #expect(try rows.ledgerSize() == 40)
            #expect(try rows.entryCount() == 40)
            #expect(try rows.entry(7) == Array(Sample.entry(7, about: 2, hasState: false).utf8))
            #expect(try rows.entry(40) == nil)
            var seen: [UInt64] = []
            try rows.forEachEntry(in: 5..<9) { seq, _ in seen.append(seq) }
            #expect(seen == [5, 6, 7, 8])
            seen = []
            try rows.forEachEntryBackwards(before: 12) { seq, _ in
                seen.append(seq)
                return seq > 10
            }
            #expect(seen == [11, 10])
            seen = []
            try rows.forEachEntry(about: Sample.hexID(2)) { seq, _ in seen.append(seq) }
            #expect(seen == [2, 7, 12, 17, 22, 27, 32, 37])
            let newest = try rows.newestState(of: Sample.hexID(2))
            #expect(newest?.seq == 32)
            #expect(newest?.entry == Array(Sample.entry(32, about: 2, hasState: true).utf8))
            #expect(try rows.newestState(of: Sample.hexID(99)) == nil)
        }
    }

    @Test func `stores heads and tiles, and refuses to overwrite an entry or head`() throws {
        try file.read { rows throws in
            let (newest, next, last) = (
                try rows.newestHead(), try rows.heads(after: 3, limit: 1).first,
                try rows.heads(after: 40, limit: 1).first
            )
            let (full, none) = (try rows.tile(level: 0, index: 0), try rows.tile(level: 1, index: 0))
            #expect(newest?.size == 40)
            #expect(try rows.head(3) == "head 3\n")
            #expect(next?.size == 4)
            #expect(last == nil)
            #expect(full?.count == 64)
            #expect(none == nil)
        }
        try file.write { try $0.putTile(level: 0, index: 0, [1]) }
        let replaced = try file.read { try $0.tile(level: 0, index: 0) }
        #expect(replaced == [1])
        #expect(throws: StoreError.self) { try file.write { try $0.appendEntry(3, "x") } }
        #expect(throws: StoreError.self) { try file.write { try $0.appendHead(3, "x") } }
        #expect(try file.read { try $0.integrityFaults() } == [])
    }

    private func names(_ change: (inout OwnerQuery) -> Void) throws -> [String] {
        var query = OwnerQuery(kind: "connection")
        change(&query)
        var names: [String] = []
        try file.read { try $0.forEachOwner(query) { names.append($0.name) } }
        return names
    }
}
