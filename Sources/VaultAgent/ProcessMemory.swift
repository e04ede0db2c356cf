import Libc

/// This process's memory as the system reports it.
enum ProcessMemory {
    /// Bytes of locked memory, which is kept out of swap; nil if the system does not report it.
    static var locked: Int64? {
        #if os(Linux)
            guard let file = unsafe fopen("/proc/self/status", "re") else { return nil }
            defer { unsafe fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe fread(&bytes, 1, bytes.count, file)
            let words = String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
            let kibibytes = words.drop { $0 != "VmLck:" }.dropFirst().first.flatMap { Int64($0) }
            return kibibytes.map { $0 * 1024 }
        #else
            return nil
        #endif
    }
}
