import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A database file that is all there.
enum WholeFile {
    private static let title = Array("SQLite format 3\0".utf8)

    /// Whether a file begins as a database does; also where it cannot be read, which is found out later.
    static func isDatabase(_ path: String) -> Bool {
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var found = [UInt8](repeating: 0, count: title.count)
        let count = unsafe found.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress!, $0.count)
        }
        return count <= 0 || found.prefix(count) == title.prefix(count)
    }

    /// The header of a database says how many pages there are.
    static func check(_ path: String) throws(StoreError) {
        try PathGuard.checkCompanions(of: path)
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
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
            unsafe platform_read_all(descriptor, $0.baseAddress!, $0.count)
        }
        guard count >= 0 else { throw PathGuard.fault(path) }
        let title = Self.title.prefix(count)
        guard header.starts(with: title) else { throw .notAVault(path: path) }
        let pageSize = header[16] == 0 && header[17] == 1 ? 65_536 : Int(header[16]) << 8 | Int(header[17])
        let pages = header[28..<32].reduce(0) { $0 << 8 | Int($1) }
        guard count == header.count, Int(status.st_size) >= pageSize * pages else {
            throw .cutShort(
                path: path, found: UInt64(status.st_size), whole: UInt64(max(100, pageSize * pages)))
        }
    }
}
