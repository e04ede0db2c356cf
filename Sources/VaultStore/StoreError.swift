// The room VaultStore: the vault's file as rows and transactions. It sees sealed bytes only: it cannot import
// VaultCrypto, and so no mistake in it can show a secret.

import CSQLite

/// What can be wrong with the file, its folder, or SQLite's use of them. Cases carry names and paths, no values.
public enum StoreError: Error, Equatable {
    case noVault(path: String)
    case alreadyThere(path: String)
    /// The path, or the folder it is in, is not as private as it must be; `mend` is a shell command.
    case unsafePath(path: String, why: String, mend: String?)
    /// The file is no SQLite database, or not one of this program's.
    case notAVault(path: String)
    /// A newer program wrote the file.
    case tooNew(path: String, version: Int)
    /// A table, index, trigger or view is not the one that this program made.
    case alteredSchema(path: String, object: String)
    case damaged(path: String, detail: String)
    case busy(path: String)
    /// The open file is not the one at its path any more.
    case moved(path: String)
    /// Another program has the vault open, and it is to be replaced.
    case inUse(path: String)
    /// There is no file of this name to be read.
    case noFile(path: String)
    /// A file ends before the place where its own header says.
    case cutShort(path: String, found: UInt64, whole: UInt64)
    case full(path: String)
    case readOnly(path: String)
    /// The file system is read-only, and the write-ahead log holds changes that only a writer can bring in.
    case readOnlyLog(path: String)
    /// COMMIT failed, and whether the change is in the file cannot be told.
    case outcomeUnknown(path: String, detail: String)
    case io(path: String, detail: String)
    /// The search index is not one that SQLite can use; it can be made again from the owners' rows.
    case searchIndex
    /// There is an owner already whose name looks like this one.
    case nameTaken(kind: String, name: String, nameKey: String)
}

extension StoreError {
    /// Sorts what SQLite says by its cause.
    ///
    /// The statements of this program are fixed, and the schema is checked before the first of them runs. So a
    /// constraint that fails, a table that is not there, and a format that SQLite does not know are damage to the file,
    /// and are told in the vault's words (case 104).
    init(_ fault: SQLiteFault, path: String) {
        if fault.isFull {
            self = .full(path: path)
            return
        }
        if fault.isReadOnly {
            self = .readOnly(path: path)
            return
        }
        if fault.isOfSearchIndex {
            self = .searchIndex
            return
        }
        switch fault.primary {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy(path: path)
        case SQLITE_FULL: self = .full(path: path)
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly(path: path)
        case SQLITE_CORRUPT: self = .damaged(path: path, detail: "its pages do not fit together")
        case SQLITE_NOTADB: self = .notAVault(path: path)
        case SQLITE_CONSTRAINT:
            self = .damaged(path: path, detail: "one of its rows contradicts another, or is missing")
        case SQLITE_MISMATCH: self = .damaged(path: path, detail: Self.wrongKind)
        case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_FORMAT, SQLITE_TOOBIG, SQLITE_RANGE:
            self = .damaged(path: path, detail: "its tables cannot be read")
        default: self = .io(path: path, detail: fault.reason)
        }
    }

    static let wrongKind = "a row holds a value of the wrong kind"
}
