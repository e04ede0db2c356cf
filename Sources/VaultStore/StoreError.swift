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
    /// There is an owner already whose name looks like this one.
    case nameTaken(kind: String, name: String, nameKey: String)
    /// A unique value, or another rule of the tables, is in the way; the caller has checked what it can by itself.
    case conflict(detail: String)
}

extension StoreError {
    /// SQLite's own words, sorted by what a person has to do. Values never come along: they are bound, and
    /// SQLite's messages name tables and columns.
    init(_ fault: SQLiteFault, path: String) {
        if fault.isFull {
            self = .full(path: path)
            return
        }
        if fault.isReadOnly {
            self = .readOnly(path: path)
            return
        }
        switch fault.primary {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy(path: path)
        case SQLITE_FULL: self = .full(path: path)
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly(path: path)
        case SQLITE_CORRUPT: self = .damaged(path: path, detail: fault.message)
        case SQLITE_NOTADB: self = .notAVault(path: path)
        case SQLITE_CONSTRAINT: self = .conflict(detail: fault.message)
        default: self = .io(path: path, detail: fault.reason)
        }
    }
}
