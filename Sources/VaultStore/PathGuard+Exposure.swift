// Why a vault file is not private, and a command that fixes it. The command never changes the mode of a folder: that may
// be the user's home, `/etc` or `/`.

import Libc

extension PathGuard {
    /// Returns why a file can be read but neither written nor unlocked; nil for a private one.
    ///
    /// - Throws: `unsafePath` for a file that must not even be read; `notAVault` instead of either for a file that is not
    ///   a database.
    static func exposure(of path: String, _ status: stat) throws(StoreError) -> StoreError? {
        func found(_ why: String, _ fix: String?) throws(StoreError) -> StoreError {
            guard FileHeader.isDatabase(path) else { throw .notAVault(path: path) }
            return .unsafePath(path: path, why: why, fix: fix)
        }
        guard status.st_uid == geteuid() else {
            throw try found("it belongs to another user", takingOver(path))
        }
        let folder = folder(of: path)
        let state = try FolderState(folder)
        let isOpen = status.st_mode & 0o077 != 0
        if isOpen, state == .isPrivate || status.st_mode & 0o022 != 0 {
            throw try found("others may read or write it", "chmod 600 \(quoted(path))")
        }
        if let why = state.problem {
            let exposure = try found("its folder, \(folder), \(why)", moving(path))
            if state == .isWritable || state == .isForeign { throw exposure }
            return exposure
        }
        guard status.st_nlink > 1 else { return nil }
        return try found("it has another hard link", copying(path))
    }

    /// Refuses anything but a regular file, without opening it: opening a FIFO would block.
    static func checkKind(of path: String, _ status: stat) throws(StoreError) {
        guard let why = otherKind(status) else { return }
        let target = status.st_mode & S_IFMT == S_IFLNK ? resolved(path) : nil
        throw .unsafePath(path: path, why: why, fix: target.map { "name its target: --vault \(quoted($0))" })
    }

    /// The kind of a file that is not a regular file; nil for a regular file.
    private static func otherKind(_ status: stat) -> String? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFLNK: "it is a symbolic link"
        case S_IFDIR: "it is a folder"
        default: "it is not a regular file"
        }
    }

    /// Refuses unsafe files in the place of those that SQLite opens by itself: log, index and journal.
    static func checkCompanions(of path: String) throws(StoreError) {
        for companion in companions(of: path) {
            var status = stat()
            guard unsafe lstat(companion, &status) == 0 else {
                if errno == ENOENT { continue }
                throw fault(companion)
            }
            func refused(_ why: String, _ fix: String?) -> StoreError {
                .unsafePath(path: companion, why: why, fix: fix)
            }
            if let why = otherKind(status) {
                let command = status.st_mode & S_IFMT == S_IFDIR ? "rmdir" : "rm"
                throw refused(why, "\(command) \(quoted(companion))")
            }
            let keep = "find out who put it there; keep it for an investigation"
            guard status.st_uid == geteuid() else { throw refused("it belongs to another user", keep) }
            guard status.st_nlink == 1 else { throw refused("it has another hard link", keep) }
            guard status.st_mode & 0o022 == 0 else { throw refused("others may write to it", keep) }
        }
    }

    private static func companions(of path: String) -> [String] {
        ["-wal", "-shm", "-journal"].map { path + $0 }
    }

    /// A command that moves a vault into a new folder, and sets `VAULT_FILE`.
    private static func moving(_ path: String) -> String {
        let home = joined(folder(of: path), "vault-private")
        let files = [path] + companions(of: path).filter { unsafe access($0, F_OK) == 0 }
        let words = files.map(quoted).joined(separator: " ")
        let place = joined(home, name(of: path))
        return
            "mkdir -m 700 \(quoted(home)) && mv \(words) \(quoted(home)) && chmod 600 \(quoted(place)) && export VAULT_FILE=\(quoted(place))"
    }

    /// A command that replaces a file by a copy, which has no other hard link.
    static func copying(_ path: String) -> String {
        let copy = quoted(path + ".copy")
        return "cp -p \(quoted(path)) \(copy) && mv \(copy) \(quoted(path))"
    }

    /// A command that copies a file of another user into a new folder, and sets `VAULT_FILE`.
    private static func takingOver(_ path: String) -> String {
        let place = "\"$HOME\"/vault-copy"
        let copy = "\(place)/\(quoted(name(of: path)))"
        return
            "mkdir -m 700 \(place) && cp \(quoted(path)) \(copy) && chmod 600 \(copy) && export VAULT_FILE=\(copy)"
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}

/// How private a folder is.
enum FolderState: Equatable {
    case isPrivate
    /// Others may enter or list it, but not change its content.
    case isOpen
    /// Others may create and replace files in it.
    case isWritable
    /// It belongs to another user than this one and root, who may do so too.
    case isForeign

    init(_ folder: String) throws(StoreError) {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { throw PathGuard.fault(folder) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unsafePath(path: folder, why: "it is not a folder", fix: nil)
        }
        let isSticky = status.st_mode & S_ISVTX != 0
        if status.st_uid != geteuid(), status.st_uid != 0 {
            self = .isForeign
        } else if status.st_mode & 0o022 != 0, !isSticky {
            self = .isWritable
        } else {
            self = status.st_uid == geteuid() && status.st_mode & 0o077 == 0 ? .isPrivate : .isOpen
        }
    }

    /// What is wrong with it, as the predicate of a sentence; nil for a private one.
    var problem: String? {
        switch self {
        case .isPrivate: nil
        case .isOpen: "is accessible to other users"
        case .isWritable: "is writable by other users"
        case .isForeign: "belongs to another user"
        }
    }
}
