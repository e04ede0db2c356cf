// The digest lists that entries have signed, and where the newest one of a secret is to be found.
extension Rows {
    /// The digest list of an entry, as the file keeps it.
    public func digestList(_ seq: UInt64) throws -> [UInt8]? {
        try db.first("SELECT list FROM digest_lists WHERE seq = ?", [seq]) { $0.bytes(0) }
    }

    public func insertDigestList(_ seq: UInt64, _ list: [UInt8]) throws {
        try db.run("INSERT INTO digest_lists (seq, list) VALUES (?, ?)", [seq, list])
    }

    /// The numbers of the entries that a list is kept for.
    public func digestLists(in range: Range<UInt64>) throws -> [UInt64] {
        try db.all(
            "SELECT seq FROM digest_lists WHERE seq >= ? AND seq < ? ORDER BY seq",
            [range.lowerBound, range.upperBound]
        ) { try $0.count(0) }
    }

    public func countDigestLists() throws -> UInt64 {
        UInt64(clamping: try db.number("SELECT count(*) FROM digest_lists") ?? 0)
    }

    /// The entry whose digest list is said to have a version's digest.
    public func listHint(of uid: [UInt8], _ field: String, _ version: UInt64) throws -> UInt64? {
        try db.number(
            """
            SELECT s.listed FROM secrets s JOIN owners o ON o.id = s.owner
            WHERE o.uid = ? AND s.field = ? AND s.version = ?
            """, [uid, field, version]
        ).map { UInt64(bitPattern: $0) }
    }

    /// Notes where the digest of a secret's row is.
    public func setListed(_ id: Int64, _ seq: UInt64) throws {
        try db.run("UPDATE secrets SET listed = ? WHERE id = ?", [seq, id])
    }
}
