import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
public import VaultCrypto
import VaultMemory
import VaultStore

/// A file of 32 random bytes that unlocks a member: for machines, which cannot type.
public enum KeyFile {
    public static let size = 32

    /// Reads a key file after checking who else can.
    ///
    /// A file of this user's own must be closed to everybody else. Where the user did not make the file and cannot change
    /// it, as with a container's secret (root's, mode 0444, or 0440 and the group's; or on a read-only mount), it is used,
    /// and `warn` says who else may read it. A pipe is read too: `--key-file <(…)`, /dev/stdin.
    ///
    /// - Parameters:
    ///   - folder: where systemd puts a service's credentials (`$CREDENTIALS_DIRECTORY`), if it does. A file in it may be
    ///     read by its group: it is root's, and an access list for the service's user shows as that in its mode. The
    ///     folder keeps everybody else out.
    ///   - warn: gets a sentence about a file that is used although others may read it.
    /// - Throws: `keyFile`, with the reason and, for a file of this user's, the command that helps.
    public static func contents(
        of path: String, credentials folder: String? = nil, warn: (String) -> Void = { _ in }
    ) throws(VaultError) -> SharedSecret {
        // Without O_NONBLOCK a FIFO that nobody writes to would be waited for.
        let descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else {
            throw refused(path, errno == ENOENT ? "it is not there" : reason)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw refused(path, reason) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let isCredential = folder.map { Self.isCredential(path, status, in: $0) } ?? false
            if !isCredential { try checkRights(path, status, descriptor, warn) }
        case S_IFIFO:
            guard status.st_uid == geteuid() else { throw refused(path, "it belongs to another user") }
            _ = platform_wait_in_reads(descriptor)
        default: throw refused(path, "it is neither a file nor a pipe")
        }
        // A second name of it is what a killed process left.
        let hasSecondName = status.st_nlink > 1
        let hasPart = unsafe lstat(NewFile.part(of: path), &status) == 0
        if hasSecondName || hasPart { Leftovers.remove(of: path) }
        return try read(descriptor, path)
    }

    /// Who owns the file, and who may read or write it.
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
            throw .keyFile(
                path: path, why: "others may read or write it",
                mend: isForeign ? nil : "chmod 600 \(ShellWord.quoted(path))")
        }
        let readers = status.st_mode & 0o007 != 0 ? "every user of this machine" : "its group"
        warn("the key file \(path) can be read by \(readers); it is used, since it is not yours to change")
    }

    private static func read(_ descriptor: Int32, _ path: String) throws(VaultError) -> SharedSecret {
        var count = 0
        // One byte more than there should be.
        let found = unsafe SecretBytes(count: size + 1) { buffer in
            count = unsafe platform_read_all(descriptor, buffer.baseAddress, buffer.count)
        }
        guard count >= 0 else { throw refused(path, reason) }
        guard count == size else {
            throw refused(path, "a key file has \(size) bytes, and this one has not")
        }
        return SharedSecret(found.clone(0..<size))
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    private static func refused(_ path: String, _ why: String) -> VaultError {
        .keyFile(path: path, why: why, mend: nil)
    }

    private static func isCredential(_ path: String, _ file: stat, in folder: String) -> Bool {
        guard let slash = path.lastIndex(of: "/"), path[..<slash] == folder, file.st_mode & 0o037 == 0,
            file.st_uid == 0 || file.st_uid == geteuid()
        else { return false }
        var status = stat()
        return unsafe lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & 0o027 == 0
    }

    /// A key file that a member is to unlock with.
    public struct New: Sendable {
        public let key: SharedSecret
        /// Held as long as this value is, since the file may be removed again; nil for a file that was there.
        let lock: FileLock?

        public var isNew: Bool { lock != nil }
    }

    /// Makes a key file, 0600 from birth; one that is there already is read, never overwritten.
    ///
    /// Another command may have made the file a moment ago, and removes it where its own change fails. So this waits until
    /// that is decided, and makes the file where it is gone by then.
    ///
    /// It gets its name once all of it is on the disk: a process killed in between leaves no half key behind, which
    /// the next one would have to refuse.
    public static func contentsOrNew(at path: String) throws(VaultError) -> New {
        while true {
            if let key = try decidedContents(of: path) { return New(key: key, lock: nil) }
            Leftovers.remove(of: path)
            let key = SharedSecret(.random(size))
            do throws(VaultError) {
                let lock = try unsafe key.bytes.withUnsafeBytes { bytes throws(VaultError) in
                    try unsafe PrivateFile.createLocked(path, with: bytes)
                }
                return New(key: key, lock: lock)
            } catch .fileExists {
                continue
            }
        }
    }

    /// The key of a file that stays; nil where there is none.
    private static func decidedContents(of path: String) throws(VaultError) -> SharedSecret? {
        do throws(StoreError) { try FileLock.wait(for: path) } catch { throw VaultError(error) }
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? try contents(of: path) : nil
    }
}
