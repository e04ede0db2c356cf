import VaultMemory

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files of plain text that a user names: connector files, checkpoints, bundles.
enum TextFile {
    static func contents(of path: String, limit: Int = 1 << 20) throws(Failure) -> String {
        let descriptor = path == "-" ? dup(0) : unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(
                .notFound, "\(path) cannot be read: \(Descriptor.reason(errno))", next: "check the path")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Descriptor.read(descriptor, into: $0) }
            guard count >= 0 else {
                throw Failure(
                    .unexpected, "\(path) cannot be read: \(Descriptor.reason(errno))", next: "check the file"
                )
            }
            if count == 0 { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else {
                throw Failure(
                    .usage, "\(path) is larger than \(limit >> 20) MiB", next: "name the right file")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.usage, "\(path) is not UTF-8 text", next: "name the right file")
        }
        return text
    }
}
