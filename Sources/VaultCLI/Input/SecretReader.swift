import CPlatform
import Libc
import VaultCore
import VaultMemory

/// Reads a secret from a descriptor or a file into secret memory.
enum SecretReader {
    enum ReadError: Error, Equatable, Sendable {
        case notOpen(Int32)
        /// A directory, a device or a socket.
        case notAFile(String)
        case unreadable(String, reason: String)
        case tooLong(String)

        var problem: Failure.Problem {
            switch self {
            case .notOpen(0): .init("stdin is closed", next: "pipe the secret in, or use another SOURCE")
            case .notOpen(let number):
                .init(
                    "fd:\(number) is not open for reading",
                    next: "add the redirection \(number)<FILE to the command")
            case .notAFile(let path): .init("\(path) is not a regular file or a pipe", next: "name a file")
            case .unreadable(let name, let reason):
                .init(
                    "can't read \(name): \(reason)",
                    next: "check the file and its permissions, or use another SOURCE")
            case .tooLong(let name):
                .init(
                    "\(name) is longer than \(HiddenPrompt.limit) bytes",
                    next: "check that it is the right file")
            }
        }
    }

    /// Whether the caller opened the descriptor: this program's own (a database, a log) close on exec.
    static func isInherited(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFD)
        return flags >= 0 && flags & FD_CLOEXEC == 0
    }

    /// Reads a descriptor that the caller opened to its end, and closes it unless it is a standard stream.
    static func read(descriptor: Int32, keepsNewline: Bool) throws(ReadError) -> SecretBytes {
        guard isInherited(descriptor) else { throw .notOpen(descriptor) }
        defer { if descriptor > 2 { close(descriptor) } }
        return try read(descriptor, name: descriptor == 0 ? "stdin" : "fd:\(descriptor)", keepsNewline)
    }

    /// Reads a regular file or a FIFO, following symbolic links.
    ///
    /// - Parameter warn: Receives a warning if others may read the file.
    static func read(path: String, keepsNewline: Bool, warn: (String) -> Void) throws(ReadError)
        -> SecretBytes
    {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw .unreadable(path, reason: Descriptor.reason(errno))
        }
        guard isFile(status.st_mode) else { throw .notAFile(path) }
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0)
        guard descriptor >= 0 else { throw .unreadable(path, reason: Descriptor.reason(errno)) }
        defer { close(descriptor) }
        guard unsafe fstat(descriptor, &status) == 0, isFile(status.st_mode) else { throw .notAFile(path) }
        if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o044 != 0 {
            warn("\(path) can be read by others; run: chmod 600 \(Vault.quoted(path))")
        }
        return try read(descriptor, name: path, keepsNewline)
    }

    private static func isFile(_ mode: mode_t) -> Bool { [S_IFREG, S_IFIFO].contains(mode & S_IFMT) }

    /// Grows by copying; each smaller buffer is wiped when it is released.
    private static func read(
        _ descriptor: Int32, name: String, _ keepsNewline: Bool
    ) throws(ReadError) -> SecretBytes {
        var held = SecretBytes(count: 0)
        var used = 0
        var ended = false
        while !ended {
            guard used <= HiddenPrompt.limit else { throw .tooLong(name) }
            let size = min(max(1_024, held.count * 4), HiddenPrompt.limit + 1)
            held = unsafe try SecretBytes(count: size) { target throws(ReadError) in
                unsafe held.withUnsafeBytes { source in
                    unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<used]))
                }
                while used < size, !ended {
                    let space = unsafe UnsafeMutableRawBufferPointer(rebasing: target[used...])
                    let count = unsafe Descriptor.read(descriptor, into: space)
                    if count == -Int(EBADF) { throw .notOpen(descriptor) }
                    if count < 0 { throw .unreadable(name, reason: Descriptor.reason(Int32(-count))) }
                    ended = count == 0
                    used += count
                }
            }
        }
        return held.clone(0..<(keepsNewline ? used : held.countWithoutNewline(of: used)))
    }
}

extension SecretBytes {
    /// The length of the first `count` bytes without a final LF or CRLF.
    borrowing func countWithoutNewline(of count: Int) -> Int {
        unsafe withUnsafeBytes { bytes in
            guard count > 0, unsafe bytes[count - 1] == 0x0A else { return count }
            return unsafe count > 1 && bytes[count - 2] == 0x0D ? count - 2 : count - 1
        }
    }
}
