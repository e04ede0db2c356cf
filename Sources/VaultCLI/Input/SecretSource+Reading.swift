import CPlatform
import Libc
import VaultCore
import VaultMemory

extension SecretSource {
    /// Reads the source to its end into secret memory; nil for a prompt.
    ///
    /// A descriptor is closed unless it is a standard stream. A file can be a FIFO; symbolic links are followed.
    ///
    /// - Parameter warn: Receives a warning if others may read the file.
    /// - Throws: The problem, without the name of the secret.
    func read(
        keepsNewline: Bool, warn: (String) -> Void = ErrorReport.warn
    ) throws(Failure.Problem) -> SecretBytes? {
        switch self {
        case .prompt: return nil
        case .stdin: return try Self.read(inherited: 0, keepsNewline)
        case .descriptor(let number): return try Self.read(inherited: number, keepsNewline)
        case .file(let path):
            let descriptor = try Self.open(path, warn)
            defer { close(descriptor) }
            return try Self.read(descriptor, path, keepsNewline)
        }
    }

    /// Whether the caller opened the descriptor: this program's own (a database, a log) close on exec.
    static func isInherited(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFD)
        return flags >= 0 && flags & FD_CLOEXEC == 0
    }

    static func notOpen(_ descriptor: Int32) -> Failure.Problem {
        guard descriptor != 0 else {
            return .init("stdin is closed", next: "pipe the secret in, or use another SOURCE")
        }
        return .init(
            "fd:\(descriptor) is not open for reading",
            next: "add the redirection \(descriptor)<FILE to the command")
    }

    private static func unreadable(_ name: String, _ code: Int32) -> Failure.Problem {
        .init(
            "can't read \(name): \(Descriptor.reason(code))",
            next: "check the file and its permissions, or use another SOURCE")
    }

    private static func read(
        inherited descriptor: Int32, _ keepsNewline: Bool
    ) throws(Failure.Problem) -> SecretBytes {
        guard isInherited(descriptor) else { throw notOpen(descriptor) }
        defer { if descriptor > 2 { close(descriptor) } }
        return try read(descriptor, descriptor == 0 ? "stdin" : "fd:\(descriptor)", keepsNewline)
    }

    /// Opens a regular file or a FIFO. A device is not even opened.
    private static func open(_ path: String, _ warn: (String) -> Void) throws(Failure.Problem) -> Int32 {
        func isFile(_ mode: mode_t) -> Bool { [S_IFREG, S_IFIFO].contains(mode & S_IFMT) }
        let notAFile = Failure.Problem("\(path) is not a regular file or a pipe", next: "name a file")
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw unreadable(path, errno) }
        guard isFile(status.st_mode) else { throw notAFile }
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        guard unsafe fstat(descriptor, &status) == 0, isFile(status.st_mode) else {
            close(descriptor)
            throw notAFile
        }
        if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o044 != 0 {
            warn("\(path) can be read by others; run: chmod 600 \(Vault.quoted(path))")
        }
        return descriptor
    }

    /// Grows by copying; each smaller buffer is wiped when it is released.
    private static func read(
        _ descriptor: Int32, _ name: String, _ keepsNewline: Bool
    ) throws(Failure.Problem) -> SecretBytes {
        var held = SecretBytes(count: 0)
        var used = 0
        var ended = false
        while !ended {
            guard used <= HiddenPrompt.limit else {
                throw Failure.Problem(
                    "\(name) is longer than \(HiddenPrompt.limit) bytes",
                    next: "check that it is the right file")
            }
            let size = min(max(1_024, held.count * 4), HiddenPrompt.limit + 1)
            held = unsafe try SecretBytes(count: size) { target throws(Failure.Problem) in
                unsafe held.withUnsafeBytes { source in
                    unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<used]))
                }
                while used < size, !ended {
                    let space = unsafe UnsafeMutableRawBufferPointer(rebasing: target[used...])
                    let count = unsafe Descriptor.read(descriptor, into: space)
                    if count == -Int(EBADF) { throw notOpen(descriptor) }
                    if count < 0 { throw unreadable(name, Int32(-count)) }
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
