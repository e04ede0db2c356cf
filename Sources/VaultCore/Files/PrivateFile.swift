import CPlatform
import Libc
import VaultStore

/// Files that are private to one user: mode 0600, in folders of mode 0700, replaced atomically.
enum PrivateFile {
    /// The bytes of a file, or nil if it does not exist.
    ///
    /// - Throws: `unsafePath` for a file that another user owns or may write to, or that is not a regular file; `io`.
    static func contents(of path: String, limit: Int) throws(VaultError) -> [UInt8]? {
        let descriptor = unsafe platform_open(
            path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0)
        if descriptor < 0, [ENOENT, ENOTDIR].contains(errno) { return nil }
        guard descriptor >= 0 else {
            throw [ELOOP, ENXIO].contains(errno) ? refused(path, "it is not a regular file") : fault(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fault(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refused(path, "it is not a regular file") }
        guard status.st_uid == geteuid() else { throw refused(path, "it belongs to another user") }
        guard status.st_mode & 0o022 == 0 else {
            let fix = "chmod 600 \(ShellWord.quoted(path))"
            throw .file(.unsafePath(path: path, why: "others can write to it", fix: fix))
        }
        guard status.st_size <= limit else { throw .file(.io(path: path, why: "it is too large")) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw fault(path) }
        return Array(bytes.prefix(count))
    }

    private static func refused(_ path: String, _ why: String) -> VaultError {
        let move = "mv \(ShellWord.quoted(path)) \(ShellWord.quoted(path + ".foreign"))"
        return .file(.unsafePath(path: path, why: why, fix: "find out who put it there; then: \(move)"))
    }

    /// Writes a temporary file, syncs it, and renames it to `path`.
    ///
    /// The caller holds a lock against other processes. The leftover of a killed process is overwritten.
    static func replace(_ path: String, with bytes: [UInt8]) throws(VaultError) {
        let fresh = NewFile.partialPath(of: path)
        unsafe platform_unlink(fresh)
        let descriptor = unsafe platform_open(
            fresh, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault(fresh) }
        defer { close(descriptor) }
        // So that other processes don't take it for a leftover.
        platform_lock(descriptor, LOCK_EX | LOCK_NB)
        let isReplaced = unsafe bytes.withUnsafeBytes {
            unsafe platform_write_all(descriptor, $0.baseAddress, $0.count) == 0
                && platform_sync(descriptor) == 0 && platform_rename(fresh, path) == 0
        }
        guard isReplaced else {
            let error = fault(path)
            unsafe platform_unlink(fresh)
            throw error
        }
    }

    /// Writes a new file; on failure there is none.
    ///
    /// - Returns: A lock that other commands wait for while the file may be removed again.
    /// - Throws: `fileExists`, or the error of writing it.
    static func create(_ path: String, with bytes: UnsafeRawBufferPointer) throws(VaultError) -> FileLock {
        do throws(StoreError) {
            return try unsafe NewFile.create(path, with: bytes)
        } catch .alreadyExists {
            throw .backup(.fileExists(path: path))
        } catch {
            throw VaultError(error)
        }
    }

    /// Syncs the folder of a file: without that a new name may be lost in a power failure.
    static func syncFolder(of path: String) throws(VaultError) {
        let folder = folder(of: path)
        guard unsafe platform_sync_folder(folder) == 0 else { throw fault(folder) }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func fault(_ path: String) -> VaultError {
        .file(.io(path: path, why: unsafe String(cString: strerror(errno))))
    }
}
