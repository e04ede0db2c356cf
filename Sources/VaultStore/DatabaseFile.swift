import CPlatform
import Libc

/// Checks of a database file before SQLite opens it.
enum DatabaseFile {
    private static let magic = Array("SQLite format 3\0".utf8)

    /// Whether a file begins like a database. True for a file that cannot be read, since opening it reports that better.
    static func isDatabase(_ path: String) -> Bool {
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var found = [UInt8](repeating: 0, count: magic.count)
        let count = unsafe found.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress!, $0.count)
        }
        return count <= 0 || found.prefix(count) == magic.prefix(count)
    }

    /// Verifies that a file is a database with all the pages that its header claims.
    ///
    /// - Throws: `noFile`, `notAVault`, `truncated`, `unsafePath`, or another error of the system.
    static func checkComplete(_ path: String) throws(StoreError) {
        try PathGuard.checkCompanions(of: path)
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? .noFile(path: path) : .io(path: path, detail: unsafe String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unsafePath(path: path, why: "it is not a regular file", fix: nil)
        }
        var header = [UInt8](repeating: 0, count: 100)
        let count = unsafe header.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress!, $0.count)
        }
        guard count >= 0 else { throw PathGuard.fault(path) }
        guard header.starts(with: magic.prefix(count)) else { throw .notAVault(path: path) }
        let pageSize = header[16] == 0 && header[17] == 1 ? 65_536 : Int(header[16]) << 8 | Int(header[17])
        let pages = header[28..<32].reduce(0) { $0 << 8 | Int($1) }
        guard count == header.count, Int(status.st_size) >= pageSize * pages else {
            throw .truncated(
                path: path, found: UInt64(status.st_size), whole: UInt64(max(100, pageSize * pages)))
        }
    }
}
