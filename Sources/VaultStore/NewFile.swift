import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A new file of this user alone (0600), which gets its name only once all of it is on the disk.
///
/// Until then it is `PATH.part`, and locked, so that two writers do not mix. What a killed process left there is written
/// over by the next one.
public struct NewFile {
    /// Where it is written.
    public let part: String
    private let path: String
    private let descriptor: Int32

    /// Begins a file that is not there yet.
    ///
    /// - Throws: `alreadyThere`; `busy` where another process writes it; `unsafePath` where the part is not a plain file
    ///   of this user's; `full`, `readOnly`, `io`.
    public init(at path: String) throws(StoreError) {
        self.path = path
        part = Self.part(of: path)
        var status = stat()
        guard unsafe lstat(path, &status) != 0 else { throw .alreadyThere(path: path) }
        descriptor = try Self.openLocked(part, for: path)
    }

    /// The name of a file until it is whole.
    public static func part(of path: String) -> String { path + ".part" }

    /// Adds bytes.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard unsafe platform_write_all(descriptor, bytes.baseAddress, bytes.count) == 0 else {
            throw PathGuard.fault(path)
        }
    }

    /// Brings the file and its name to the disk; it never replaces another one. On failure the file is not there.
    public func keep() throws(StoreError) {
        try keepOpen()
        close(descriptor)
    }

    private func keepOpen() throws(StoreError) {
        guard platform_sync(descriptor) == 0 else { throw PathGuard.fault(path) }
        guard unsafe platform_rename_new(part, path) == 0 else {
            throw errno == EEXIST ? .alreadyThere(path: path) : PathGuard.fault(path)
        }
        guard unsafe platform_sync_folder(PathGuard.folder(of: path)) == 0 else {
            let fault = PathGuard.fault(path)
            unsafe platform_unlink(path)
            throw fault
        }
    }

    /// Removes what was written.
    public func drop() {
        unsafe platform_unlink(part)
        close(descriptor)
    }

    /// Writes a whole file. On failure nothing is left of it.
    ///
    /// - Returns: The lock of the file, which others wait for (`FileLock.wait`) as long as it may be removed again.
    @discardableResult
    public static func create(
        _ path: String, with bytes: UnsafeRawBufferPointer
    ) throws(StoreError) -> FileLock {
        let file = try NewFile(at: path)
        do throws(StoreError) {
            try unsafe file.append(bytes)
            try file.keepOpen()
            return FileLock(file.descriptor)
        } catch {
            file.drop()
            throw error
        }
    }

    private static func openLocked(_ part: String, for path: String) throws(StoreError) -> Int32 {
        // Not blocking: a FIFO in its place would wait for a writer.
        let descriptor = unsafe platform_open(
            part, O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw [ELOOP, EISDIR, ENXIO].contains(errno) ? foreign(part) : PathGuard.fault(path)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0
        else {
            close(descriptor)
            throw foreign(part)
        }
        guard platform_lock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .busy(path: part)
        }
        // A second name of a file that is in use: only this name goes, and the next try makes a new file.
        guard status.st_nlink == 1 else {
            unsafe platform_unlink(part)
            close(descriptor)
            return try openLocked(part, for: path)
        }
        guard platform_set_mode(descriptor, 0o600) == 0, platform_truncate(descriptor, 0) == 0 else {
            let fault = PathGuard.fault(path)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    private static func foreign(_ part: String) -> StoreError {
        .unsafePath(
            path: part, why: "it is not an unfinished file of yours",
            mend: "name another file; or look at it, and take it away: rm -ri \(PathGuard.quoted(part))")
    }
}
