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
        var done = 0
        while done < bytes.count {
            let count = Self.retrying {
                unsafe write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            }
            guard count > 0 else { throw PathGuard.fault(path) }
            done += count
        }
    }

    /// Brings the file and its name to the disk; it never replaces another one. On failure the file is not there.
    public func keep() throws(StoreError) {
        guard platform_sync(descriptor) == 0 else { throw PathGuard.fault(path) }
        guard unsafe platform_rename_new(part, path) == 0 else {
            throw errno == EEXIST ? .alreadyThere(path: path) : PathGuard.fault(path)
        }
        guard unsafe platform_sync_folder(PathGuard.folder(of: path)) == 0 else {
            let fault = PathGuard.fault(path)
            unsafe unlink(path)
            throw fault
        }
        close(descriptor)
    }

    /// Removes what was written.
    public func drop() {
        unsafe unlink(part)
        close(descriptor)
    }

    /// Writes a whole file. On failure nothing is left of it.
    public static func create(
        _ path: String, with bytes: UnsafeRawBufferPointer
    ) throws(StoreError) {
        let file = try NewFile(at: path)
        do throws(StoreError) {
            try unsafe file.append(bytes)
            try file.keep()
        } catch {
            file.drop()
            throw error
        }
    }

    private static func openLocked(_ part: String, for path: String) throws(StoreError) -> Int32 {
        // Not blocking: a FIFO in its place would wait for a writer.
        let descriptor = retrying {
            unsafe open(part, O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw PathGuard.fault(path) }
        guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            close(descriptor)
            throw .busy(path: part)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid()
        else {
            close(descriptor)
            throw .unsafePath(path: part, why: "it is not a plain file of one's own", mend: nil)
        }
        // A second name of a file that is in use: only this name goes, and the next try makes a new file.
        guard status.st_nlink == 1 else {
            unsafe unlink(part)
            close(descriptor)
            return try openLocked(part, for: path)
        }
        guard fchmod(descriptor, 0o600) == 0, retrying({ ftruncate(descriptor, 0) }) == 0 else {
            let fault = PathGuard.fault(path)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    /// Runs a system call until no signal interrupts it.
    private static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
