// The digest lists of entries (decision 0035), and which list has the newest digest of a secret.
extension Rows {
    /// Returns the stored digest list of an entry.
    /// - Throws: A database error.
    public func digestList(_ seq: UInt64) throws -> [UInt8]? {
        try db.bytes("SELECT list FROM digest_lists WHERE seq = ?", [seq])
    }

    /// Inserts the digest list of an entry.
    /// - Throws: A database error.
    public func insertDigestList(_ seq: UInt64, _ list: [UInt8]) throws {
        try db.run("INSERT INTO digest_lists (seq, list) VALUES (?, ?)", [seq, list])
    }

    /// Returns the sequence numbers of the entries in a range that have a digest list, in order.
    /// - Throws: A database error.
    public func digestLists(in range: Range<UInt64>) throws -> [UInt64] {
        try db.all(
            "SELECT seq FROM digest_lists WHERE seq >= ? AND seq < ? ORDER BY seq",
            [range.lowerBound, range.upperBound]
        ) { try $0.unsigned(0) }
    }

    /// Returns the number of digest lists.
    /// - Throws: A database error.
    public func countDigestLists() throws -> Int { try db.count("digest_lists") }

    /// Returns the entry that should have the digest of a secret's version in its digest list. The hint is unverified.
    /// - Throws: A database error.
    public func digestListHint(of uid: [UInt8], _ field: String, _ version: UInt64) throws -> UInt64? {
        try db.number(
            """
            SELECT s.listed FROM secrets s JOIN owners o ON o.id = s.owner
            WHERE o.uid = ? AND s.field = ? AND s.version = ?
            """, [uid, field, version]
        ).map { UInt64(bitPattern: $0) }
    }

    /// Sets which entry's digest list has the digest of a secret's row.
    /// - Throws: A database error.
    public func setDigestList(_ id: Int64, _ seq: UInt64) throws {
        try db.run("UPDATE secrets SET listed = ? WHERE id = ?", [seq, id])
    }
}
