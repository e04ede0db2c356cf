#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds the file of a vault, and the folder it is in, to what a file of secrets must be: owned by this user, closed
/// to everybody else, one plain file under one name.
///
/// The folder is what keeps others from swapping the file between this look and the opening: it admits nobody else.
enum PathGuard {
    /// Makes what is missing: the folder 0700, and the empty file 0600 whatever the umask.
    static func create(_ path: String) throws(StoreError) {
        let folder = folder(of: path)
        try makeFolders(folder)
        try checkFolder(folder)
        let descriptor = unsafe open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            guard errno == EEXIST else { throw fault(path) }
            return
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw fault(path) }
    }

    /// Which file this is, by device and inode, after every check; compared again after the opening.
    static func check(_ path: String) throws(StoreError) -> FileID {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .noVault(path: path) : fault(path)
        }
        try checkFolder(folder(of: path))
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: throw .unsafePath(path: path, why: "it is a symbolic link", mend: nil)
        case S_IFDIR: throw .unsafePath(path: path, why: "it is a folder", mend: nil)
        default: throw .unsafePath(path: path, why: "it is no plain file", mend: nil)
        }
        guard status.st_uid == geteuid() else {
            throw .unsafePath(path: path, why: "it belongs to another user", mend: nil)
        }
        guard status.st_nlink == 1 else {
            throw .unsafePath(path: path, why: "it has a second name (a hard link)", mend: nil)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafePath(
                path: path, why: "others may read or write it", mend: "chmod 600 \(quoted(path))")
        }
        return FileID(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size))
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

    private static func checkFolder(_ folder: String) throws(StoreError) {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { throw fault(folder) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unsafePath(path: folder, why: "it is no folder", mend: nil)
        }
        guard status.st_uid == geteuid() else {
            throw .unsafePath(path: folder, why: "it belongs to another user", mend: nil)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafePath(path: folder, why: "others may enter it", mend: "chmod 700 \(quoted(folder))")
        }
    }

    private static func makeFolders(_ folder: String) throws(StoreError) {
        if try makeFolder(folder) { return }
        guard errno == ENOENT, folder.contains("/") else { throw fault(folder) }
        try makeFolders(self.folder(of: folder))
        guard try makeFolder(folder) else { throw fault(folder) }
    }

    /// Makes one folder, with its mode whatever the umask; false when it cannot, with the reason in `errno`.
    private static func makeFolder(_ folder: String) throws(StoreError) -> Bool {
        guard unsafe mkdir(folder, 0o700) == 0 else { return errno == EEXIST }
        guard unsafe chmod(folder, 0o700) == 0 else { throw fault(folder) }
        return true
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func quoted(_ path: String) -> String {
        "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    static func fault(_ path: String) -> StoreError {
        switch errno {
        case EROFS, EACCES, EPERM: .readOnly(path: path)
        case ENOSPC, EDQUOT: .full(path: path)
        default: .io(path: path, detail: unsafe String(cString: strerror(errno)))
        }
    }
}
