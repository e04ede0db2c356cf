import CPlatform
import VaultStore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files that belong to one user alone: 0600, in folders of 0700, replaced atomically.
enum PrivateFile {
    /// The bytes of a file, nil when it is not there.
    ///
    /// - Throws: `unsafePath` for a file that another user owns or may write to, and for anything but a plain file.
    static func contents(of path: String, limit: Int) throws(VaultError) -> [UInt8]? {
        let descriptor = unsafe platform_open(
            path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0)
        if descriptor < 0, [ENOENT, ENOTDIR].contains(errno) { return nil }
        guard descriptor >= 0 else {
            throw [ELOOP, ENXIO].contains(errno) ? refused(path, "it is no plain file") : fault(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fault(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refused(path, "it is no plain file") }
        guard status.st_uid == geteuid() else { throw refused(path, "it belongs to another user") }
        guard status.st_mode & 0o022 == 0 else {
            throw .unsafePath(
                path: path, why: "others may write to it", mend: "chmod 600 \(ShellWord.quoted(path))")
        }
        guard status.st_size <= limit else { throw .io(path: path, why: "it is too large") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress, $0.count)
        }
        guard count >= 0 else { throw fault(path) }
        return Array(bytes.prefix(count))
    }

    private static func refused(_ path: String, _ why: String) -> VaultError {
        .unsafePath(
            path: path, why: why,
            mend:
                "find out who put it there; then: mv \(ShellWord.quoted(path)) \(ShellWord.quoted(path + ".foreign"))"
        )
    }

    /// Writes a new file beside the old one, brings it to the disk, and puts it in the old one's place.
    ///
    /// For one process at a time: the caller holds a lock. What a killed process left is written over.
    static func replace(_ path: String, with bytes: [UInt8]) throws(VaultError) {
        let fresh = NewFile.part(of: path)
        unsafe platform_unlink(fresh)
        let descriptor = unsafe platform_open(
            fresh, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault(fresh) }
        // Tells others that it is being written (`Leftovers`).
        platform_lock(descriptor, LOCK_EX | LOCK_NB)
        let isWritten = unsafe bytes.withUnsafeBytes { unsafe writeAll(descriptor, $0) }
        let isDurable = isWritten && platform_sync(descriptor) == 0
        let why = errno
        close(descriptor)
        guard isDurable, unsafe platform_rename(fresh, path) == 0 else {
            if isDurable == false { errno = why }
            let error = fault(path)
            unsafe platform_unlink(fresh)
            throw error
        }
    }

    /// Writes a file that is not there yet; on failure it is not there.
    static func create(_ path: String, with bytes: UnsafeRawBufferPointer) throws(VaultError) {
        _ = try unsafe createLocked(path, with: bytes)
    }

    /// The same, with a lock that others wait for as long as the file may be removed again.
    static func createLocked(
        _ path: String, with bytes: UnsafeRawBufferPointer
    ) throws(VaultError) -> FileLock {
        do throws(StoreError) {
            return try unsafe NewFile.create(path, with: bytes)
        } catch .alreadyThere {
            throw .fileExists(path: path)
        } catch {
            throw VaultError(error)
        }
    }

    /// Brings the folder's own entry of a file to the disk: without it a new name may be gone after a power cut.
    static func syncFolder(of path: String) throws(VaultError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard unsafe platform_sync_folder(folder.isEmpty ? "/" : folder) == 0 else { throw fault(folder) }
    }

    static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe platform_write_all(descriptor, bytes.baseAddress, bytes.count) == 0
    }

    /// Makes a folder and those it stands in, each for this user alone.
    static func makeFolder(_ folder: String) throws(VaultError) {
        if unsafe platform_make_folder(folder, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else {
            throw fault(folder)
        }
        try makeFolder(String(folder[..<slash]))
        guard unsafe platform_make_folder(folder, 0o700) == 0 || errno == EEXIST else { throw fault(folder) }
    }

    static func fault(_ path: String) -> VaultError {
        .io(path: path, why: unsafe String(cString: strerror(errno)))
    }
}
