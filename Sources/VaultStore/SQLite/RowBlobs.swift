import CSQLite

/// Blobs by row ID, in ascending order, in one reusable buffer.
public struct RowBlobs: Sendable {
    /// The ID of each row, and the end of its blob in `bytes`.
    private var ends: [(row: Int64, end: Int)] = []
    private var bytes: [UInt8] = []

    /// Creates an empty collection.
    public init() {}

    /// The number of blobs.
    public var count: Int { ends.count }

    /// The first and the last row ID; nil if empty.
    var rows: ClosedRange<Int64>? { ends.first.map { $0.row...ends[ends.count - 1].row } }

    /// Appends the blob of a row. Row IDs must ascend.
    public mutating func append(_ blob: UnsafeRawBufferPointer, of row: Int64) {
        precondition(ends.last.map { $0.row < row } ?? true, "blobs out of order")
        unsafe bytes.append(contentsOf: blob)
        ends.append((row, bytes.count))
    }

    /// Removes all blobs, and keeps the buffer.
    public mutating func removeAll() {
        ends.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the blob of a row; nil if it has none.
    fileprivate func withBlob(of row: Int64, _ body: (UnsafeRawBufferPointer?) -> Void) {
        var range = ends.startIndex..<ends.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = ends[middle].row < row ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let index = range.lowerBound
        guard index < ends.count, ends[index].row == row else { return body(nil) }
        let start = index == 0 ? 0 : ends[index - 1].end
        unsafe bytes.withUnsafeBytes {
            unsafe body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[index].end]))
        }
    }
}

/// Holds the blobs that the SQL function `new_blob` returns.
final class BlobSource {
    fileprivate var blobs = RowBlobs()
}

extension SQLiteConnection {
    /// Makes the SQL function `new_blob(row)` return these blobs, and NULL for other rows, while `body` runs.
    ///
    /// A single statement can then update many rows in order, without a lookup for each.
    func withBlobs(_ new: RowBlobs, _ body: () throws -> Void) throws {
        let source = try blobs ?? defineNewBlob()
        source.blobs = new
        defer { source.blobs = RowBlobs() }
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
                unsafe source.blobs.withBlob(of: sqlite3_value_int64(arguments![0])) { blob in
                    guard let blob = unsafe blob else { return unsafe sqlite3_result_null(context) }
                    unsafe sqlite3_result_blob64(context, blob.baseAddress, UInt64(blob.count), copied)
                }
            }, nil, nil, { unsafe Unmanaged<BlobSource>.fromOpaque($0!).release() })
        guard code == SQLITE_OK else { throw unsafe SQLiteError(code, of: handle) }
        blobs = source
        return source
    }
}

/// `SQLITE_TRANSIENT`: SQLite copies the bytes.
private let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
