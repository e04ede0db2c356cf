import CPlatform
import Libc

/// Reads a UTF-8 text file that the user names: a connector file, a checkpoint, a bundle.
enum TextFile {
    /// Accepts a file or a pipe, such as of `<(…)`; a device or a socket may never end. A FIFO without a writer is empty.
    ///
    /// - Parameters:
    ///   - path: The file, or `-` for stdin.
    ///   - limit: The largest size in bytes.
    static func contents(of path: String, limit: Int = 1 << 20) throws -> String {
        let descriptor =
            path == "-"
            ? dup(0) : unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else {
            throw Failure.notFound("can't read \(path): \(Descriptor.reason(errno))").next("check the path")
        }
        defer { close(descriptor) }
        let next = "name the right file"
        if path != "-" {
            var status = stat()
            try require(
                unsafe fstat(descriptor, &status) == 0
                    && [S_IFREG, S_IFIFO, S_IFDIR].contains(status.st_mode & S_IFMT),
                "\(path) is not a regular file or a pipe", next: next)
            _ = platform_set_blocking(descriptor)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var count = chunk.count
        while count > 0 {
            count = unsafe chunk.withUnsafeMutableBytes { unsafe Descriptor.read(descriptor, into: $0) }
            guard count >= 0 else {
                throw Failure.unexpected("can't read \(path): \(Descriptor.reason(Int32(-count)))")
                    .next("check the file")
            }
            bytes += chunk.prefix(count)
            try require(bytes.count <= limit, "\(path) is larger than \(limit >> 20) MiB", next: next)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure.usage("\(path) is not UTF-8 text").next(next)
        }
        return text
    }
}
