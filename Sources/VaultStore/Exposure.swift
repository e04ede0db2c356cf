#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// What makes a vault's file less private than it must be, and the step that helps. The mode of a folder is never to be
// changed: it may be the user's home, `/etc` or `/`, and holds other things than the vault.
extension PathGuard {
    /// Why a file that can be read is neither written nor unlocked; nil for a private one.
    ///
    /// - Throws: `unsafePath` for a file that is not even read, `notAVault` for one that would be refused and is none.
    static func exposure(of path: String, _ status: stat) throws(StoreError) -> StoreError? {
        func found(_ why: String, _ mend: String?) throws(StoreError) -> StoreError {
            guard WholeFile.isDatabase(path) else { throw .notAVault(path: path) }
            return .unsafePath(path: path, why: why, mend: mend)
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
            if state.isWritable { throw exposure }
            return exposure
        }
        guard status.st_nlink > 1 else { return nil }
        return try found("it has a second name (a hard link)", copying(path))
    }

    /// Refuses what is no plain file: nothing of it is opened, since a FIFO would wait for ever.
    static func checkKind(of path: String, _ status: stat) throws(StoreError) {
        let kind: String
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFLNK:
            throw .unsafePath(
                path: path, why: "it is a symbolic link",
                mend: resolved(path).map { "name the file itself: --vault \(quoted($0))" })
        case S_IFDIR: kind = "it is a folder"
        default: kind = "it is no plain file"
        }
        throw .unsafePath(path: path, why: kind, mend: nil)
    }

    /// Refuses what stands in the place of the files that SQLite opens by itself: its log, index and journal.
    static func checkCompanions(of path: String) throws(StoreError) {
        for companion in companions(of: path) {
            var status = stat()
            guard unsafe lstat(companion, &status) == 0 else {
                if errno == ENOENT { continue }
                throw fault(companion)
            }
            func refused(_ why: String, _ mend: String?) -> StoreError {
                .unsafePath(path: companion, why: why, mend: mend)
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw refused("a folder stands there", "rmdir \(quoted(companion))")
            case S_IFLNK: throw refused("a symbolic link stands there", "rm \(quoted(companion))")
            default: throw refused("it is no plain file", "rm \(quoted(companion))")
            }
            let keep = "find out who put it there; keep it for an investigation"
            guard status.st_uid == geteuid() else { throw refused("it belongs to another user", keep) }
            guard status.st_nlink == 1 else { throw refused("it has a second name (a hard link)", keep) }
            guard status.st_mode & 0o022 == 0 else { throw refused("others may write to it", keep) }
        }
    }

    private static func companions(of path: String) -> [String] {
        ["-wal", "-shm", "-journal"].map { path + $0 }
    }

    /// A command that moves a vault into a folder of its own, and names it there.
    private static func moving(_ path: String) -> String {
        let home = joined(folder(of: path), "vault-private")
        let files = [path] + companions(of: path).filter { unsafe access($0, F_OK) == 0 }
        let words = files.map(quoted).joined(separator: " ")
        let place = joined(home, name(of: path))
        return
            "mkdir -m 700 \(quoted(home)) && mv \(words) \(quoted(home)) && chmod 600 \(quoted(place)) && export VAULT_FILE=\(quoted(place))"
    }

    /// A command that puts a copy in the place of a file.
    static func copying(_ path: String) -> String {
        let copy = quoted(path + ".copy")
        return "cp -p \(quoted(path)) \(copy) && mv \(copy) \(quoted(path))"
    }

    /// A command that copies a file into a folder of one's own.
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
    /// Others may enter it, or list it; what is in it stays what this user put there.
    case isOpen
    /// Others may put files into it.
    case isWritable
    case isForeign

    init(_ folder: String) throws(StoreError) {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { throw PathGuard.fault(folder) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unsafePath(path: folder, why: "it is no folder", mend: nil)
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

    /// What is wrong with it, ending a sentence about it; nil for a private one.
    var problem: String? {
        switch self {
        case .isPrivate: nil
        case .isOpen: "can be entered by others"
        case .isWritable: "can be written to by others"
        case .isForeign: "belongs to another user"
        }
    }

    /// Whether others can replace what is in it.
    var isWritable: Bool { self == .isWritable || self == .isForeign }
}
