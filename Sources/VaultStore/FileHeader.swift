import CPlatform
import CSQLite
import Libc

/// The first 100 bytes of a database file (sqlite.org/fileformat.html, section 1.3).
///
/// SQLite ignores some invalid fields, and reports others as a read-only file or as one of a newer SQLite. In a vault
/// each field below has one valid value, so any other value is damage (case 104).
struct FileHeader {
    private static let length = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    private let bytes: [UInt8]

    /// Returns nil for bytes that are not the header of a database.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes.starts(with: Self.magic) else { return nil }
        self.bytes = bytes
    }

    /// False for a new file as long as all its content is in the write-ahead log.
    private var isVault: Bool { number(68) == UInt32(VaultFile.applicationID) }

    /// The first field with a value that no vault has, as a phrase for messages; nil if all are valid.
    ///
    /// The counters that change with every write, and the version of the last writer, may have any value.
    var invalidField: String? {
        guard isVault else { return nil }
        let journal: ClosedRange<UInt8> = 1...2
        guard journal.contains(bytes[18]), bytes[19] == bytes[18] else { return "journal mode" }
        guard bytes[20...23] == [0, 64, 32, 32] else { return "page layout" }
        guard bytes[72..<92].allSatisfy({ $0 == 0 }) else { return "reserved bytes" }
        guard number(44) == 4 else { return "schema format" }
        guard number(48) == 0, number(52) == 0, number(64) == 0 else { return "setting" }
        guard number(56) == 1 else { return "text encoding" }
        return nil
    }

    private func number(_ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

// Checks of a file before SQLite opens it.
extension FileHeader {
    /// Whether a file begins like a database. True for a file that cannot be read, since opening it reports that better.
    static func isDatabase(_ path: String) -> Bool {
        do throws(StoreError) { try checkComplete(path) } catch .notAVault { return false } catch {}
        return true
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
        var header = [UInt8](repeating: 0, count: length)
        let count = unsafe header.withUnsafeMutableBytes {
            unsafe platform_read_all(descriptor, $0.baseAddress!, $0.count)
        }
        guard count >= 0 else { throw PathGuard.fault(path) }
        guard header.starts(with: magic.prefix(count)) else { throw .notAVault(path: path) }
        let pageSize = header[16] == 0 && header[17] == 1 ? 65_536 : Int(header[16]) << 8 | Int(header[17])
        let pages = header[28..<32].reduce(0) { $0 << 8 | Int($1) }
        guard count == length, Int(status.st_size) >= pageSize * pages else {
            throw .truncated(
                path: path, found: UInt64(status.st_size), whole: UInt64(max(length, pageSize * pages)))
        }
    }
}

extension SQLiteConnection {
    /// The header as stored in the file, without changes that are still in the write-ahead log; nil for an in-memory
    /// database.
    ///
    /// Reads through SQLite's own descriptor: closing another descriptor of the file would release SQLite's locks.
    func header() -> FileHeader? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = unsafe withUnsafeMutablePointer(to: &file) {
            unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, $0)
        }
        guard code == SQLITE_OK, let file = unsafe file, let methods = unsafe file.pointee.pMethods,
            let read = unsafe methods.pointee.xRead
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 100)
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, 100, 0) }
        return result == SQLITE_OK ? FileHeader(bytes) : nil
    }
}
