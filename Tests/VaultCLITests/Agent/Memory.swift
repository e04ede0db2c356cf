import Foundation
import Libc

/// Reads another process's memory.
enum Memory {
    /// The writable memory of a process, or nil if reading it is not allowed.
    static func written(by pid: pid_t) -> [UInt8]? {
        guard let maps = try? String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8),
            let file = unsafe fopen("/proc/\(pid)/mem", "r")
        else { return nil }
        defer { unsafe fclose(file) }
        var memory: [UInt8] = []
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard words[1].hasPrefix("rw"), ends.count == 2, ends[1] - ends[0] < 256 << 20 else { continue }
            var part = [UInt8](repeating: 0, count: Int(ends[1] - ends[0]))
            let count = unsafe pread(fileno(file), &part, part.count, Int(ends[0]))
            if count > 0 { memory += part.prefix(count) }
        }
        return memory.isEmpty ? nil : memory
    }
}
