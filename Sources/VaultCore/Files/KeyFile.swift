import CPlatform
import Libc
public import VaultCrypto
import VaultMemory
import VaultStore

/// A file of 32 random bytes that unlocks a member without a prompt.
public enum KeyFile {
    /// The length of a key file in bytes.
    public static let size = 32

    /// Reads a key file, after checking who else can read it.
    ///
    /// A file that belongs to this user must not be accessible to others. A file that this user can't change, such as a
    /// container's secret (owned by root with mode 0444 or 0440, or on a read-only mount), is accepted with a warning.
    /// Pipes are accepted too: `--key-file <(…)`, `/dev/stdin`.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - folder: systemd's `$CREDENTIALS_DIRECTORY`, if set. Its files may be readable by their group, which is how the
    ///     ACL for the service's user appears in the mode; the folder itself is closed to others.
    ///   - warn: Called with a sentence if a file is accepted although others may read it.
    /// - Throws: `keyFile`, with the reason and, for a file that belongs to this user, the command that fixes it.
    public static func contents(
        of path: String, credentials folder: String? = nil, warn: (String) -> Void = { _ in }
    ) throws(VaultError) -> SharedSecret {
        // Opening a FIFO without a writer would block.
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else { throw refused(path, errno == ENOENT ? "no such file" : reason) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw refused(path, reason) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let isCredential = folder.map { Self.isCredential(path, status, in: $0) } ?? false
            if !isCredential { try checkRights(path, status, descriptor, warn) }
        case S_IFIFO:
            guard status.st_uid == geteuid() else { throw refused(path, "it belongs to another user") }
            _ = platform_set_blocking(descriptor)
        default: throw refused(path, "it is not a regular file or a pipe")
        }
        // A second link is left by a process that was killed while it created the file.
        let hasSecondName = status.st_nlink > 1
        let hasPart = unsafe lstat(NewFile.partialPath(of: path), &status) == 0
        if hasSecondName || hasPart { Leftovers.remove(of: path) }
        return try read(descriptor, path)
    }

    private static func checkRights(
        _ path: String, _ status: stat, _ descriptor: Int32, _ warn: (String) -> Void
    ) throws(VaultError) {
        let isMounted = platform_is_read_only(descriptor) == 1
        let isForeign = status.st_uid != geteuid()
        guard !isForeign || status.st_uid == 0 || isMounted else {
            throw refused(path, "it belongs to another user")
        }
        guard status.st_mode & 0o077 != 0 else { return }
        guard isForeign || isMounted, status.st_mode & 0o022 == 0 || isMounted else {
            let fix = isForeign ? nil : "chmod 600 \(ShellWord.quoted(path))"
            throw .unlock(.keyFile(path: path, why: "others can read or write it", fix: fix))
        }
        let readers = status.st_mode & 0o007 != 0 ? "every user of this machine" : "its group"
        warn("the key file \(path) can be read by \(readers); it is used, since you can't change its mode")
    }

    private static func read(_ descriptor: Int32, _ path: String) throws(VaultError) -> SharedSecret {
        var count = 0
        // One more byte, to notice a longer file.
        let found = unsafe SecretBytes(count: size + 1) { buffer in
            count = unsafe platform_read_all(descriptor, buffer.baseAddress, buffer.count)
        }
        guard count >= 0 else { throw refused(path, reason) }
        guard count == size else {
            throw refused(path, "expected \(size) bytes, found \(count > size ? "more" : "\(count)")")
        }
        return SharedSecret(found.clone(0..<size))
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    private static func refused(_ path: String, _ why: String) -> VaultError {
        .unlock(.keyFile(path: path, why: why, fix: nil))
    }

    private static func isCredential(_ path: String, _ file: stat, in folder: String) -> Bool {
        guard let slash = path.lastIndex(of: "/"), path[..<slash] == folder, file.st_mode & 0o037 == 0,
            file.st_uid == 0 || file.st_uid == geteuid()
        else { return false }
        var status = stat()
        return unsafe lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & 0o027 == 0
    }

    /// A key file for a new slot.
    public struct New: Sendable {
        /// The contents of the file.
        public let key: SharedSecret
        /// Held while the file may be removed again; nil if the file existed before.
        let lock: FileLock?

        /// Whether the file was created for this slot.
        public var isNew: Bool { lock != nil }
    }

    /// Creates a key file with mode 0600, or reads an existing one.
    ///
    /// Another command may have just created the file, and may remove it if its change fails. This waits for that command,
    /// and creates the file if it is gone.
    ///
    /// The file appears under its name only once it is synced, so a killed process leaves no partial key.
    ///
    /// - Throws: `keyFile` for an existing file that is refused; `io`, `full` or `readOnly` if it can't be written.
    public static func contentsOrNew(at path: String) throws(VaultError) -> New {
        while true {
            if let key = try settledContents(of: path) { return New(key: key, lock: nil) }
            Leftovers.remove(of: path)
            let key = SharedSecret(.random(size))
            do throws(VaultError) {
                let lock = try unsafe key.bytes.withUnsafeBytes { bytes throws(VaultError) in
                    try unsafe PrivateFile.create(path, with: bytes)
                }
                return New(key: key, lock: lock)
            } catch .backup(.fileExists) {
                continue
            }
        }
    }

    /// The key of an existing file, once no other command may remove it; nil if there is none.
    private static func settledContents(of path: String) throws(VaultError) -> SharedSecret? {
        do throws(StoreError) { try FileLock.wait(for: path) } catch { throw VaultError(error) }
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? try contents(of: path) : nil
    }
}
