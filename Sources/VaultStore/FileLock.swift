import CPlatform
import Libc

/// A lock on a new file that may still be removed, because the change that it belongs to is not committed yet.
///
/// Released when this object or the process ends.
public final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits until no process holds the lock of a file.
    ///
    /// - Throws: `busy` after `seconds`.
    public static func wait(for path: String, seconds: Int = 30) throws(StoreError) {
        // Opening and closing a pipe would end the program that writes to it.
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for _ in 0..<seconds * 50 {
            // Other errors mean a file system without locks, on which no process can hold one.
            if platform_lock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK { return }
            usleep(20_000)
        }
        throw .busy(path: path)
    }
}
