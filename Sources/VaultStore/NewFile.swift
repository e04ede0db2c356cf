import CPlatform
import Libc

/// A new private file (mode 0600) that gets its name once it is complete and synced to disk.
///
/// Until then it is `PATH.part`, which is locked so that only one process writes it. The partial file of a killed process
/// is overwritten by the next one.
public struct NewFile {
    let partialPath: String
    private let path: String
    private let descriptor: Int32

    /// Creates the partial file.
    ///
    /// - Throws: `alreadyExists` if `path` exists; `busy` if another process writes the same file; `unsafePath` if the
    ///   partial file is not a private regular file of this user; `full`, `readOnly` or `io` for errors of the system.
    init(at path: String) throws(StoreError) {
        self.path = path
        partialPath = Self.partialPath(of: path)
        var status = stat()
        guard unsafe lstat(path, &status) != 0 else { throw .alreadyExists(path: path) }
        descriptor = try Self.openLocked(partialPath, for: path)
    }

    /// The path of a new file until it is complete.
    public static func partialPath(of path: String) -> String { path + ".part" }

    /// Syncs the file, renames it to its final name without replacing another file, and syncs the folder.
    ///
    /// - Throws: `alreadyExists`, `full`, `readOnly` or `io`. The file does not exist under its name then.
    func commit() throws(StoreError) {
        try publish()
        close(descriptor)
    }

    private func publish() throws(StoreError) {
        guard platform_sync(descriptor) == 0 else { throw PathGuard.fault(path) }
        guard unsafe platform_rename_exclusive(partialPath, path) == 0 else {
            throw errno == EEXIST ? .alreadyExists(path: path) : PathGuard.fault(path)
        }
        guard unsafe platform_sync_folder(PathGuard.folder(of: path)) == 0 else {
            let fault = PathGuard.fault(path)
            unsafe platform_unlink(path)
            throw fault
        }
    }

    /// Removes the partial file.
    func discard() {
        unsafe platform_unlink(partialPath)
        close(descriptor)
    }

    /// Writes a complete file.
    ///
    /// - Returns: A lock on the file. Others wait for it (`FileLock.wait`) while the file may still be removed.
    /// - Throws: `alreadyExists`, `busy`, `unsafePath`, `full`, `readOnly` or `io`. No file is left then.
    @discardableResult
    public static func create(
        _ path: String, with bytes: UnsafeRawBufferPointer
    ) throws(StoreError) -> FileLock {
        let file = try NewFile(at: path)
        do throws(StoreError) {
            guard unsafe platform_write_all(file.descriptor, bytes.baseAddress, bytes.count) == 0 else {
                throw PathGuard.fault(path)
            }
            try file.publish()
            return FileLock(file.descriptor)
        } catch {
            file.discard()
            throw error
        }
    }

    private static func openLocked(_ part: String, for path: String) throws(StoreError) -> Int32 {
        // Nonblocking, because opening a FIFO would wait for a reader or writer.
        let descriptor = unsafe platform_open(
            part, O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw [ELOOP, EISDIR, ENXIO].contains(errno) ? foreign(part) : PathGuard.fault(path)
        }
        func closing(_ error: StoreError) -> StoreError {
            close(descriptor)
            return error
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0
        else { throw closing(foreign(part)) }
        guard platform_lock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw closing(.busy(path: part)) }
        // A hard link to a file that is in use: remove this name only, and create a new file.
        guard status.st_nlink == 1 else {
            unsafe platform_unlink(part)
            close(descriptor)
            return try openLocked(part, for: path)
        }
        guard platform_set_mode(descriptor, 0o600) == 0, platform_truncate(descriptor, 0) == 0 else {
            throw closing(PathGuard.fault(path))
        }
        return descriptor
    }

    private static func foreign(_ part: String) -> StoreError {
        .unsafePath(
            path: part, why: "it is not a partial file of yours",
            fix: "name another file; or inspect and remove it: rm -ri \(PathGuard.quoted(part))")
    }
}
