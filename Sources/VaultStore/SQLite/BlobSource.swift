import CSQLite

/// Holds the blobs that the SQL function `new_blob` returns, by row ID.
final class BlobSource {
    fileprivate var blobs: [Int64: [UInt8]] = [:]
}

extension SQLiteConnection {
    /// Makes the SQL function `new_blob(row)` return these blobs, and NULL for other rows, while `body` runs.
    ///
    /// A single statement can then update many rows in order, without a lookup for each.
    func withBlobs(_ blobs: [Int64: [UInt8]], _ body: () throws -> Void) throws {
        let source = try blobSource ?? defineNewBlob()
        source.blobs = blobs
        defer { source.blobs = [:] }
        try body()
    }

    private func defineNewBlob() throws -> BlobSource {
        let source = BlobSource()
        // SQLITE_DIRECTONLY: no trigger or view may call it.
        let code = unsafe sqlite3_create_function_v2(
            handle, "new_blob", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, Unmanaged.passRetained(source).toOpaque(),
            { context, _, arguments in
                let source = unsafe Unmanaged<BlobSource>.fromOpaque(sqlite3_user_data(context)!)
                    .takeUnretainedValue()
                guard let blob = unsafe source.blobs[sqlite3_value_int64(arguments![0])] else {
                    return unsafe sqlite3_result_null(context)
                }
                unsafe sqlite3_result_blob64(context, blob, UInt64(blob.count), copied)
            }, nil, nil, { unsafe Unmanaged<BlobSource>.fromOpaque($0!).release() })
        try check(code)
        blobSource = source
        return source
    }
}

/// `SQLITE_TRANSIENT`: SQLite copies the bytes.
private let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
