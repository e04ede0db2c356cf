import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds the file of a vault, and the folder it is in, to what a file of secrets must be: owned by this user, closed
/// to everybody else, one plain file under one name.
///
/// The folder is what keeps others from swapping the file between this look and the opening: it admits nobody else. A
/// copy in an ordinary folder can be read all the same (`Exposure`), since every row is checked against the ledger; it is
/// neither written nor unlocked.
enum PathGuard {
    /// Makes what is missing: the folder 0700, and the empty file 0600 whatever the umask.
    ///
    /// - Throws: `unsafePath` where the folder is there already and is not private.
    static func create(_ path: String) throws(StoreError) {
        let folder = folder(of: path)
        try makeFolders(folder)
        if let why = try FolderState(folder).problem {
            let place = joined(joined(folder, "vault"), name(of: path))
            throw .unsafePath(
                path: path, why: "its folder, \(folder), \(why)",
                mend: "name a file in a folder of its own, which is made: --vault \(quoted(place))")
        }
        let descriptor = unsafe platform_open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            guard errno == EEXIST else { throw fault(path) }
            return
        }
        defer { close(descriptor) }
        guard platform_set_mode(descriptor, 0o600) == 0 else { throw fault(path) }
    }

    /// Which file this is, by device and inode, after every check; compared again after the opening.
    ///
    /// - Throws: `unsafePath` for what is not even read: another kind of file in its place or beside it, one of another
    ///   user, and one that others may write to or replace.
    static func check(_ path: String) throws(StoreError) -> Checked {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .noVault(path: path) : fault(path)
        }
        try checkKind(of: path, status)
        try checkCompanions(of: path)
        let id = FileID(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size))
        return Checked(id: id, exposure: try exposure(of: path, status))
    }

    /// The same for what is to be written: nothing is exposed.
    static func checkPrivate(_ path: String) throws(StoreError) {
        if let exposure = try check(path).exposure { throw exposure }
    }

    /// What a look at a file has found.
    struct Checked {
        let id: FileID
        /// Why the file can only be read; nil for one that is as private as it must be.
        let exposure: StoreError?
    }

    /// Bytes in a file; none where it is not there.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    struct FileID: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64

        func isSameFile(as other: FileID) -> Bool { device == other.device && inode == other.inode }
    }

    private static func makeFolders(_ folder: String) throws(StoreError) {
        if try makeFolder(folder) { return }
        guard errno == ENOENT, folder.contains("/") else { throw fault(folder) }
        try makeFolders(self.folder(of: folder))
        guard try makeFolder(folder) else { throw fault(folder) }
    }

    /// Makes one folder, with its mode whatever the umask; false when it cannot, with the reason in `errno`.
    private static func makeFolder(_ folder: String) throws(StoreError) -> Bool {
        guard unsafe platform_make_folder(folder, 0o700) == 0 else { return errno == EEXIST }
        guard unsafe chmod(folder, 0o700) == 0 else { throw fault(folder) }
        return true
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// A word as a shell reads it back.
    static func quoted(_ path: String) -> String { ShellWord.quoted(path) }

    static func fault(_ path: String) -> StoreError {
        switch errno {
        case EROFS, EACCES, EPERM: .readOnly(path: path)
        case ENOSPC, EDQUOT: .full(path: path)
        default: .io(path: path, detail: unsafe String(cString: strerror(errno)))
        }
    }
}

/// Words of a command that is shown to be pasted.
public enum ShellWord {
    /// The text in single quotes, whatever it holds.
    public static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
