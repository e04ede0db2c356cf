import GRDB
import Testing

@testable import VaultStore

/// Rows that a second thread writes have the same effect as single inserts.
struct InsertBufferTests {
    private let scratch = Scratch()
    private let file: VaultFile

    init() throws { file = try VaultFile.create(scratch.path, fill: Sample.fill) }

    private struct Stop: Error {}

    /// Inserts owners with tags, one to three secrets, an entry and, for some, a tile.
    private static func add(_ numbers: Range<Int>, to rows: Rows) throws {
        for number in numbers {
            let id = try rows.insertOwner(Sample.owner(number), words: "word\(number) common")
            if number.isMultiple(of: 3) { try rows.addTags([("env", "t\(number)"), ("x", "")], of: id) }
            for version in 1...UInt64(1 + number % 3) {
                try rows.insertSecret(Sample.secret(of: id, version: version, sealed: [UInt8(number % 256)]))
            }
            try rows.appendEntry(UInt64(number), Sample.entry(number, about: number, hasState: true))
            if number.isMultiple(of: 50) { try rows.putTile(level: 1, index: 0, [UInt8(number / 50)]) }
        }
    }

    /// The content of the buffered tables, read by GRDB.
    private static func content(of scratch: Scratch) throws -> [String] {
        let tables = ["owners", "tags", "secrets", "entries", "tiles", "words_content"]
        return try scratch.raw { db in
            try tables.flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { "\(table) \($0)" }
            }
        }
    }

    @Test(arguments: [1, 127, 128, 129, 400])
    func `writes the same rows as single inserts`(count: Int) throws {
        let other = Scratch()
        let single = try VaultFile.create(other.path, fill: Sample.fill)
        try single.write { try Self.add(600..<600 + count, to: $0) }
        try file.write { rows in try rows.bufferingInserts { try Self.add(600..<600 + count, to: rows) } }
        #expect(try Self.content(of: scratch) == Self.content(of: other))
        var query = OwnerQuery(kind: "connection")
        query.match = "word\(600 + count - 1)"
        var found: [String] = []
        try file.read { try $0.forEachOwner(query) { found.append($0.name) } }
        #expect(found == [Sample.owner(600 + count - 1).name])
        #expect(try file.read { try $0.integrityFaults() } == [])
    }

    @Test func `shows buffered rows to queries within the transaction`() throws {
        try file.write { rows throws in
            try rows.bufferingInserts {
                for number in [600, 601, 900] {
                    let id = try rows.insertOwner(Sample.owner(number), words: "w")
                    #expect(try rows.owner("connection", nameKey: Sample.owner(number).nameKey)?.id == id)
                    try rows.appendEntry(UInt64(number), "{}")
                    #expect(try rows.ledgerSize() == UInt64(number) + 1)
                    try rows.setTags([("a", "\(number)")], of: id)
                    #expect(try rows.tags(of: id).map(\.value) == ["\(number)"])
                }
            }
        }
        #expect(try file.read { try $0.countOwners("connection") } == 28)
    }

    @Test(arguments: [0, 1, 127, 128, 250, 299])
    func `reports a taken name at any position among many`(place: Int) throws {
        var twin = Sample.owner(7)
        twin.uid = Sample.id(5000)
        let before = try Self.content(of: scratch)
        let error = thrownError {
            try file.write { rows in
                try rows.bufferingInserts {
                    try Self.add(600..<600 + place, to: rows)
                    _ = try rows.insertOwner(twin, words: "")
                    try Self.add(600 + place..<900, to: rows)
                }
            }
        }
        #expect(
            error as? StoreError == .nameTaken(kind: "connection", name: "owner-007", nameKey: "owner-007"))
        #expect(try Self.content(of: scratch) == before)
    }

    @Test func `reports a duplicate name among new owners, and other violated constraints`() throws {
        var twin = Sample.owner(640)
        twin.uid = Sample.id(5000)
        func refused(_ owner: OwnerRow) -> StoreError? {
            thrownError {
                try file.write { rows in
                    try rows.bufferingInserts {
                        try Self.add(600..<700, to: rows)
                        _ = try rows.insertOwner(owner, words: "")
                    }
                }
            } as? StoreError
        }
        #expect(refused(twin) == .nameTaken(kind: "connection", name: twin.name, nameKey: twin.nameKey))
        var strange = Sample.owner(800)
        strange.kind = "neither"
        guard case .damaged? = refused(strange) else {
            Issue.record("accepts an unknown kind of owner")
            return
        }
        #expect(try file.read { try $0.countOwners("connection") } == 25)
    }

    @Test func `rolls back a body that throws, and accepts the next change`() throws {
        let before = try Self.content(of: scratch)
        for count in [0, 1, 128, 300] {
            let error = thrownError {
                try file.write { rows in
                    try rows.bufferingInserts {
                        try Self.add(600..<600 + count, to: rows)
                        throw Stop()
                    }
                }
            }
            #expect(error is Stop)
            #expect(try Self.content(of: scratch) == before)
        }
        try file.write { try Self.add(600..<603, to: $0) }
        #expect(try file.read { try $0.countOwners("connection") } == 28)
    }
}
