// Module VaultStore: the vault file as rows and transactions. It handles sealed bytes only, and cannot import VaultCrypto,
// so no mistake in it can reveal a secret.

import CSQLite

/// An error of the vault file, its folder or SQLite. Cases carry names and paths, never values.
public enum StoreError: Error, Equatable {
    /// The path has no file, or an empty one.
    case noVault(path: String)
    /// The file to create exists.
    case alreadyExists(path: String)
    /// The file or its folder is accessible to other users; `fix` is a shell command or an instruction.
    case unsafePath(path: String, why: String, fix: String?)
    /// The file is not an SQLite database, or not a vault.
    case notAVault(path: String)
    /// The schema version is newer than the `supported` one.
    case tooNew(path: String, version: Int, supported: Int)
    /// A table, index, trigger or view differs from the schema that the migrations create.
    case alteredSchema(path: String, object: String)
    /// The content of the file is invalid.
    case damaged(path: String, detail: String)
    /// Another connection holds a lock for longer than the timeout.
    case busy(path: String)
    /// The file at the path is no longer the open one.
    case moved(path: String)
    /// The vault cannot be replaced while another program has it open.
    case inUse(path: String)
    /// The file to read does not exist.
    case noFile(path: String)
    /// The file has `found` bytes, fewer than the `whole` bytes that its header claims.
    case truncated(path: String, found: UInt64, whole: UInt64)
    /// No space is left on the disk.
    case full(path: String)
    /// The file system is read-only, or the user has no permission to write.
    case readOnly(path: String)
    /// The file system is read-only, and the write-ahead log holds changes that only a writer can recover.
    case readOnlyLog(path: String)
    /// COMMIT failed, and it is unknown whether the change is in the file.
    case outcomeUnknown(path: String, detail: String)
    /// Another error of the system or of SQLite.
    case io(path: String, detail: String)
    /// SQLite cannot use the search index. It can be rebuilt from the owners' rows.
    case searchIndex
    /// An owner of this kind with a confusable name exists.
    case nameTaken(kind: String, name: String, nameKey: String)
}

extension StoreError {
    /// Maps an error of SQLite by its cause.
    ///
    /// The statements of this program are fixed, and the schema is verified before the first of them runs. A failing
    /// constraint, a missing table or an unknown format is therefore damage to the file (case 104).
    init(_ fault: SQLiteError, path: String) {
        self =
            switch fault.primary {
            case _ where fault.isFull: .full(path: path)
            case _ where fault.isReadOnly: .readOnly(path: path)
            case _ where fault.isSearchIndexError: .searchIndex
            case SQLITE_BUSY, SQLITE_LOCKED: .busy(path: path)
            case SQLITE_PERM: .readOnly(path: path)
            case SQLITE_CORRUPT: .damaged(path: path, detail: "its pages are inconsistent")
            case SQLITE_NOTADB: .notAVault(path: path)
            case SQLITE_CONSTRAINT:
                .damaged(path: path, detail: "a row is missing, or conflicts with another")
            case SQLITE_MISMATCH: .damaged(path: path, detail: Self.wrongType)
            case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_FORMAT, SQLITE_TOOBIG, SQLITE_RANGE:
                .damaged(path: path, detail: "its tables cannot be read")
            default: .io(path: path, detail: fault.reason)
            }
    }

    /// Runs a body that throws only errors of this type.
    static func catching<T>(_ path: String, _ body: () throws -> T) throws(StoreError) -> T {
        do { return try body() } catch let error as StoreError { throw error } catch {
            throw .io(path: path, detail: "an internal error")
        }
    }

    static let wrongType = "a row has a value of the wrong type"
}
