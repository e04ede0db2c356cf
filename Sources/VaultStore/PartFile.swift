#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file that a copy is written to, until it is whole: locked, so that two copies to one place do not mix.
struct PartFile {
    let path: String
    private let final: String
    private let descriptor: Int32

    init(of final: String) throws(StoreError) {
        self.final = final
        path = final + ".part"
        var status = stat()
        guard unsafe lstat(final, &status) != 0 else { throw .alreadyThere(path: final) }
        descriptor = unsafe open(path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fault(final) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .busy(path: path)
        }
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_nlink == 1, fchmod(descriptor, 0o600) == 0,
            ftruncate(descriptor, 0) == 0
        else {
            close(descriptor)
            throw .unsafePath(path: path, why: "it is not a plain file of one's own", mend: nil)
        }
    }

    /// Brings the file to the disk and gives it its name; never over another one.
    func keep() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw Self.fault(path) }
        if unsafe link(path, final) != 0 {
            guard errno != EEXIST else { throw .alreadyThere(path: final) }
            // A file system without hard links; between these two lines nobody else of this program writes here.
            var status = stat()
            guard unsafe lstat(final, &status) != 0 else { throw .alreadyThere(path: final) }
            guard unsafe rename(path, final) == 0 else { throw Self.fault(final) }
        }
        unsafe unlink(path)
        close(descriptor)
        let folder = unsafe open(PathGuard.folder(of: final), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    func drop() {
        unsafe unlink(path)
        close(descriptor)
    }

    private static func fault(_ path: String) -> StoreError { PathGuard.fault(path) }
}

/// A database file that is all there.
enum WholeFile {
    /// The header of a database says how many pages there are.
    static func check(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .noFile(path: path) : .io(path: path, detail: unsafe String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unsafePath(path: path, why: "it is no plain file", mend: nil)
        }
        var header = [UInt8](repeating: 0, count: 100)
        let count = unsafe header.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress!, $0.count)
        }
        let title = Array("SQLite format 3\0".utf8).prefix(max(0, count))
        guard header.starts(with: title) else { throw .notAVault(path: path) }
        let pageSize = header[16] == 0 && header[17] == 1 ? 65_536 : Int(header[16]) << 8 | Int(header[17])
        let pages = header[28..<32].reduce(0) { $0 << 8 | Int($1) }
        guard count == header.count, Int(status.st_size) >= pageSize * pages else {
            throw .cutShort(
                path: path, found: UInt64(status.st_size), whole: UInt64(max(100, pageSize * pages)))
        }
    }
}
