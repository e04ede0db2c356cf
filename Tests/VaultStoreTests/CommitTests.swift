import CSQLite
import Testing

@testable import VaultStore

/// The outcome of a COMMIT that returns an error (cases 86 to 88).
struct CommitTests {
    private struct Unreadable: Error {}

    /// Runs a transaction with a failing COMMIT, which rolls back.
    private func failingCommit(
        _ isWritten: (Rows) throws -> Bool
    ) throws -> (folder: Scratch, file: VaultFile, result: Result<Committed<Int>, any Error>) {
        let folder = Scratch()
        let file = try VaultFile.create(folder.path) { _ in }
        let result = Result {
            try file.write(isWritten: isWritten) { rows in
                unsafe sqlite3_commit_hook(rows.db.handle, { _ in 1 }, nil)
                try rows.putConnector("mine", source: "text")
                return 7
            }
        }
        return (folder, file, result)
    }

    @Test func `reports a transaction that is not in the file as failed (case 88)`() throws {
        let (folder, file, result) = try failingCommit { try $0.connectorSource("mine") != nil }
        #expect(throws: StoreError.self) { try result.get() }
        #expect(try file.read { try $0.connectorSource("mine") } == nil)
        try file.write { try $0.putConnector("mine", source: "again") }
        #expect(file.path == folder.path)
        #expect(try file.read { try $0.connectorSource("mine") } == "again")
    }

    @Test func `reports a transaction that is in the file as done, even if COMMIT failed (case 86)`() throws {
        let (_, _, result) = try failingCommit { _ in true }
        let committed = try result.get()
        #expect(committed.value == 7)
        #expect(committed.fault != nil)
    }

    @Test func `reports an unknown outcome if the file cannot be read (case 88)`() throws {
        let (_, file, result) = try failingCommit { _ in throw Unreadable() }
        let error = #expect(throws: StoreError.self) { try result.get() }
        guard case .outcomeUnknown(let path, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == file.path)
    }

    @Test func `finds no transaction in a file without tables (case 88)`() throws {
        let scratch = Scratch()
        try PathGuard.create(scratch.path)
        let file = try VaultFile.connect(scratch.path, .writing)
        let isThere = try file.exclusively { db in
            try file.resolveFailedCommit(SQLiteError(code: SQLITE_IOERR, message: ""), db) {
                try $0.newestHead() != nil
            }
        }
        #expect(!isThere)
    }

    @Test(arguments: [true, false])
    func `reports whether a transaction discarded sealed bytes`(discards: Bool) throws {
        let folder = Scratch()
        let file = try VaultFile.create(folder.path) { _ in }
        let committed = try file.write(isWritten: { _ in false }) { rows in
            if discards { try rows.deleteSlot([UInt8](repeating: 1, count: 16)) }
        }
        #expect(committed.discardsSealedBytes == discards)
    }
}
