import CPlatform
import Libc

/// Verifies that a vault file and its folder belong to this user and are closed to all others, and that the file is a
/// regular file with a single hard link.
///
/// A private folder keeps other users from replacing the file between this check and the open. A copy in an ordinary
/// folder can be read nevertheless (see `exposure(of:_:)`), since every row is verified against the ledger; it is neither
/// written nor unlocked.
enum PathGuard {
    /// Creates the folder (0700) and the empty file (0600) if they are missing, regardless of the umask, and verifies them.
    ///
    /// - Throws: `unsafePath` if the folder or the file exists and is not private; `full`, `readOnly` or `io`.
    static func create(_ path: String) throws(StoreError) {
        let folder = folder(of: path)
        try PrivateFolder.make(folder)
        if let why = try FolderState(folder).problem {
            let place = joined(joined(folder, "vault"), name(of: path))
            throw .unsafePath(
                path: path, why: "its folder, \(folder), \(why)",
                fix: "use a new folder, which will be created: --vault \(quoted(place))")
        }
        let descriptor = unsafe platform_open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            defer { close(descriptor) }
            guard platform_set_mode(descriptor, 0o600) == 0 else { throw fault(path) }
        } else if errno != EEXIST {
            throw fault(path)
        }
        if let exposure = try check(path).exposure { throw exposure }
    }

    /// Verifies a file. The result is compared with that of another check after the file was opened.
    ///
    /// - Throws: `unsafePath` for a file that must not even be read: it is not a regular file, belongs to another user, can
    ///   be changed or replaced by others, or has an unsafe log, index or journal.
    static func check(_ path: String) throws(StoreError) -> Checked {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .noVault(path: path) : fault(path)
        }
        try checkKind(of: path, status)
        try checkCompanions(of: path)
        return Checked(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            exposure: try exposure(of: path, status))
    }

    struct Checked {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        /// Why the file can only be read; nil for a private one.
        let exposure: StoreError?

        func isSameFile(as other: Checked) -> Bool { device == other.device && inode == other.inode }
    }

    /// The size of a file in bytes; 0 if it does not exist.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? Int64(status.st_size) : 0
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

    static func quoted(_ path: String) -> String { ShellWord.quoted(path) }

    static func fault(_ path: String) -> StoreError {
        switch errno {
        case EROFS, EACCES, EPERM: .readOnly(path: path)
        case ENOSPC, EDQUOT: .full(path: path)
        default: .io(path: path, detail: unsafe String(cString: strerror(errno)))
        }
    }
}

/// Quoting for shell commands that are shown to be pasted.
public enum ShellWord {
    /// Returns the text in single quotes.
    public static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
