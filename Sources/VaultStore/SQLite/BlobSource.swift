import CSQLite

/// Blobs for rows, in the order of the rows' numbers, in one piece of memory that is used again.
public struct RowBlobs: Sendable {
    /// The number of each row, and where its blob ends.
    private var ends: [(row: Int64, end: Int)] = []
    private var bytes: [UInt8] = []

    public init() {}

    public var count: Int { ends.count }

    /// The numbers of the rows, from the first to the last of them; nil for none.
    var rows: ClosedRange<Int64>? { ends.first.map { $0.row...ends[ends.count - 1].row } }

    /// Adds the blob of a row, which comes behind those that are there.
    public mutating func append(_ blob: UnsafeRawBufferPointer, of row: Int64) {
        precondition(ends.last.map { $0.row < row } ?? true, "blobs out of order")
        unsafe bytes.append(contentsOf: blob)
        ends.append((row, bytes.count))
    }

    public mutating func removeAll() {
        ends.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Lends the blob of a row, nil where there is none.
    fileprivate func withBlob(of row: Int64, _ body: (UnsafeRawBufferPointer?) -> Void) {
        var range = ends.startIndex..<ends.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = ends[middle].row < row ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let place = range.lowerBound
        guard place < ends.count, ends[place].row == row else { return body(nil) }
        let start = place == 0 ? 0 : ends[place - 1].end
        unsafe bytes.withUnsafeBytes {
            unsafe body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[place].end]))
        }
    }
}

/// Where the function `new_blob` finds what it gives.
final class BlobSource {
    fileprivate var blobs = RowBlobs()
}

extension SQLiteConnection {
    /// Lets a statement in `body` ask for the blob of a row by its number: `new_blob(row)`, NULL where there is none.
    ///
    /// So one statement changes many rows in the order in which they stand, where each would be looked for otherwise.
    func offering(_ offered: RowBlobs, _ body: () throws -> Void) throws {
        let source = try blobs ?? defineNewBlob()
        source.blobs = offered
        defer { source.blobs = RowBlobs() }
        try body()
    }

    private func defineNewBlob() throws -> BlobSource {
        let source = BlobSource()
        // SQLITE_DIRECTONLY: no schema may call it.
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
        guard code == SQLITE_OK else { throw unsafe SQLiteFault(code, of: handle) }
        blobs = source
        return source
    }
}

/// SQLite copies what it is given (`SQLITE_TRANSIENT`).
private let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
