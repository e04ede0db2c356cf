import CSQLite

/// The first 100 bytes of a database file (sqlite.org/fileformat.html, section 1.3).
///
/// SQLite ignores some of these fields, and takes others for a file that can only be read or that a newer SQLite has
/// written. In a vault's file all of them have one value, so a file with another one was damaged (case 104).
struct FileHeader {
    private let bytes: [UInt8]

    /// Nil for anything but the header of a database.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 100, bytes.starts(with: "SQLite format 3\0".utf8) else { return nil }
        self.bytes = bytes
    }

    /// Whether it says that this is a vault. A new file does not as long as all of it is in the write-ahead log.
    private var isVault: Bool { number(68) == UInt32(VaultFile.applicationID) }

    /// The first field that does not have the value that it has in every vault, for a person; nil where all do.
    ///
    /// The counters that change with every write, and the version of the SQLite that wrote last, may have any value.
    var damage: String? {
        guard isVault else { return nil }
        let journal: ClosedRange<UInt8> = 1...2
        guard journal.contains(bytes[18]), bytes[19] == bytes[18] else { return "the journal mode" }
        guard bytes[20...23] == [0, 64, 32, 32] else { return "the shape of pages" }
        guard bytes[72..<92].allSatisfy({ $0 == 0 }) else { return "the reserved bytes" }
        guard number(44) == 4 else { return "the schema format" }
        guard number(48) == 0, number(52) == 0, number(64) == 0 else {
            return "a setting that vaults do not use"
        }
        guard number(56) == 1 else { return "the text encoding" }
        return nil
    }

    private func number(_ place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension SQLiteConnection {
    /// The header as it stands in the file, without what is still in the write-ahead log; nil for a database that is in
    /// memory.
    ///
    /// It is read through SQLite's own descriptor: closing another one of the same file would end SQLite's locks.
    func headerBytes() -> [UInt8]? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = unsafe withUnsafeMutablePointer(to: &file) {
            unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, $0)
        }
        guard code == SQLITE_OK, let file = unsafe file, let methods = unsafe file.pointee.pMethods,
            let read = unsafe methods.pointee.xRead
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 100)
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, 100, 0) }
        return result == SQLITE_OK ? bytes : nil
    }
}
