import Migrations

/// The open file of a vault.
///
/// One connection, every transaction durable when it returns (WAL with `synchronous=FULL`, which is checked), deleted
/// content overwritten, and no schema but the one this program made.
public final class VaultFile: Sendable {
    public let path: String
    let connection: SQLiteConnection
    /// Whether this is a copy that is being made or looked at, and has no place of its own.
    public let isStaged: Bool
    /// Why the file can only be read: it is a copy in a folder that others may enter, the disk is full, or the file system
    /// is read-only. Nil for one that can be written.
    public let exposure: StoreError?

    public enum Access: Sendable {
        case reading, writing
        /// Nobody else may have it open, as long as this has.
        case alone
    }

    /// `vau1`, so that file(1) and this program tell a vault from another database.
    static let applicationID: Int64 = 0x7661_7531

    /// How long a command waits for another one's transaction before it says so.
    static let patience: Int32 = 30_000
    static let shortPatience: Int32 = 1000

    /// Bytes of a write-ahead log that `shortenLog` leaves as it is. `exec` leaves its log behind, and whoever opens the
    /// vault next reads all of it, a microsecond a page.
    public static let longestLog: Int64 = 64 * 4120

    init(path: String, connection: SQLiteConnection, isStaged: Bool = false, exposure: StoreError? = nil) {
        self.exposure = exposure
        self.path = path
        self.connection = connection
        self.isStaged = isStaged
    }

    /// Opens an existing vault after checking path, owner, modes and schema; steps forward if it is of an older form.
    public static func open(_ path: String, for access: Access = .writing) throws(StoreError) -> VaultFile {
        let before = try PathGuard.check(path)
        guard before.id.size > 0 else { throw .noVault(path: path) }
        if access == .alone, let exposure = before.exposure { throw exposure }
        let connected = try connect(path, access)
        guard try PathGuard.check(path).id.isSameFile(as: before.id) else {
            throw .unsafePath(path: path, why: "it was swapped while it was being opened", mend: nil)
        }
        let file = VaultFile(
            path: path, connection: connected.connection, exposure: before.exposure ?? connected.exposure)
        try file.checkForm(access)
        return file
    }

    /// Makes the file, and in one transaction its tables and what `fill` puts in them.
    ///
    /// A file that an interrupted `init` left empty is taken; one that holds anything is `alreadyThere`.
    public static func create(_ path: String, fill: (Rows) throws -> Void) throws -> VaultFile {
        try PathGuard.create(path)
        try PathGuard.checkPrivate(path)
        let file = try connect(path, .writing)
        try file.exclusively { try file.keepLog($0) }
        _ = try file.write(isWritten: { try !$0.hasNoTables() }) { rows in
            guard try rows.hasNoTables() else { throw StoreError.alreadyThere(path: path) }
            for step in Migrations.steps { try rows.db.execute(step) }
            try rows.db.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(Migrations.steps.count)")
            try fill(rows)
        }
        return file
    }

    /// Whether there is nothing at a path, or a file without tables, which an interrupted `create` left.
    public static func isEmpty(_ path: String) -> Bool {
        if PathGuard.size(of: path) == 0 { return true }
        let file = try? connect(path, .reading)
        return (try? file?.read { try $0.hasNoTables() }) ?? false
    }

    public func read<T>(_ body: (Rows) throws -> T) throws -> T {
        try exclusively { db in try db.looking { try body(Rows(db)) } }
    }

    /// Brings the write-ahead log into the file and empties it, so that no replaced blob is left in it.
    public func truncateLog() throws(StoreError) {
        do {
            // A reader may read for long; the change itself is done, and the next one empties the log.
            guard try emptyLog(patience: Self.shortPatience) else { throw StoreError.busy(path: path) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .io(path: path, detail: "an internal error")
        }
    }

    /// Brings a write-ahead log that has grown long into the file, and cuts it, unless it is soon closed, which removes it.
    ///
    /// Left for the next one to do where somebody reads in it, or the disk is full: nothing is lost by a long log.
    /// SQLite's own way, within a commit, never cuts the log of commands that make one commit each: the next one to open
    /// it cannot know what of it is in the file already.
    public func shortenLog(over bytes: Int64 = longestLog, cutting: Bool = true) {
        guard exposure == nil, PathGuard.size(of: path + "-wal") > bytes else { return }
        if cutting {
            _ = try? emptyLog(patience: 0)
        } else {
            _ = try? exclusively { try $0.number("PRAGMA wal_checkpoint(PASSIVE)") }
        }
    }

    /// Returns whether the log is empty now, which somebody who reads in it can keep it from.
    private func emptyLog(patience: Int32) throws -> Bool {
        try exclusively { db in
            db.patience = patience
            defer { db.patience = Self.patience }
            return try db.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        }
    }

    /// Makes the file keep a write-ahead log, which is a property of the file from then on.
    func keepLog(_ db: SQLiteConnection) throws {
        // To its end: what it does is done behind its row.
        guard try db.all("PRAGMA journal_mode = WAL", [], { try $0.text(0) }) == ["wal"] else {
            throw StoreError.io(path: path, detail: "this file system cannot keep a write-ahead log")
        }
    }

    /// Lends the connection in turn, and turns SQLite's faults into the room's own; anything else passes.
    func exclusively<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        do {
            return try connection.exclusively { db in
                if db.isLost { try db.reopen { try Self.prepare($0, .writing) } }
                return try body(db)
            }
        } catch let error as SQLiteFault {
            throw StoreError(error, path: path)
        } catch is UnfitValue {
            throw StoreError.damaged(path: path, detail: StoreError.wrongKind)
        }
    }
}

extension VaultFile {
    /// Refuses what is no vault, is too new, or has tables, triggers or views that this program did not make.
    func checkForm(_ access: Access) throws(StoreError) {
        if let bytes = connection.headerBytes(), let damage = FileHeader(bytes)?.damage {
            throw .damaged(path: path, detail: "\(damage) in its header is not a vault's")
        }
        do {
            let version = try read { try $0.formVersion(path: path) }
            if version < Migrations.steps.count {
                guard access == .writing else { throw StoreError.readOnly(path: path) }
                try migrate(from: version)
            }
            if let object = try read({ try $0.alteredObject() }) {
                throw StoreError.alteredSchema(path: path, object: object)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .io(path: path, detail: "an internal error")
        }
    }

    /// Steps forward from an older form, once that was found to be what this program had made.
    private func migrate(from version: Int) throws {
        let newest = Migrations.steps.count
        _ = try write(isWritten: { try $0.formVersion(path: path) == newest }) { rows in
            guard try rows.formVersion(path: path) == version else { return }
            // Checked before anything is built on it.
            if let object = try rows.alteredObject(from: Self.schema(after: version)) {
                throw StoreError.alteredSchema(path: path, object: object)
            }
            for step in Migrations.steps[version...] { try rows.db.execute(step) }
            try rows.db.execute("PRAGMA user_version = \(newest)")
        }
    }
}
