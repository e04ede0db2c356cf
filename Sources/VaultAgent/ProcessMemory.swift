import Libc

/// This process's memory as the system reports it.
enum ProcessMemory {
    /// Bytes of locked memory, which is kept out of swap; nil if the system does not report it.
    static var locked: Int64? {
        #if os(Linux)
            guard let file = unsafe fopen("/proc/self/status", "re") else { return nil }
            defer { unsafe fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            while unsafe fgets(&line, Int32(line.count), file) != nil {
                let text = String(
                    decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                let words = text.split(whereSeparator: \.isWhitespace)
                if words.count > 1, words[0] == "VmLck:" { return Int64(words[1]).map { $0 * 1024 } }
            }
        #endif
        return nil
    }
}
