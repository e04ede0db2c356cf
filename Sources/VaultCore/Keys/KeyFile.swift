#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
public import VaultCrypto
import VaultStore

/// A file of 32 random bytes that unlocks a member: for machines, which cannot type.
public enum KeyFile {
    public static let size = 32

    /// Reads a key file after checking that nobody else can.
    ///
    /// - Parameter folder: where systemd puts a service's credentials (`$CREDENTIALS_DIRECTORY`), if it does. A file in
    ///   it may be read by its group: it is root's, and an access list for the service's user shows as that in its
    ///   mode. The folder keeps everybody else out.
    public static func contents(of path: String, credentials folder: String? = nil) throws(VaultError)
        -> SharedSecret
    {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let isMissing = errno == ENOENT
            throw .keyFile(
                path: path, why: isMissing ? "it is not there" : unsafe String(cString: strerror(errno)),
                mend: nil)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .keyFile(path: path, why: "it is no plain file", mend: nil)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .keyFile(path: path, why: "it belongs to another user", mend: nil)
        }
        let others: mode_t = folder.map { isCredential(path, in: $0) } == true ? 0o037 : 0o077
        guard status.st_mode & others == 0 else {
            throw .keyFile(path: path, why: "others may read or write it", mend: "chmod 600 '\(path)'")
        }
        guard status.st_size == size else {
            throw .keyFile(path: path, why: "a key file has \(size) bytes, and this one has not", mend: nil)
        }
        var count = 0
        let key = unsafe SecretBytes(count: size) { buffer in
            count = unsafe read(descriptor, buffer.baseAddress!, buffer.count)
        }
        // A second name of it is what a killed process left.
        let hasSecondName = status.st_nlink > 1
        let hasPart = unsafe lstat(NewFile.part(of: path), &status) == 0
        if hasSecondName || hasPart { Leftovers.remove(of: path) }
        guard count == size else { throw .keyFile(path: path, why: "it could not be read whole", mend: nil) }
        return SharedSecret(key)
    }

    private static func isCredential(_ path: String, in folder: String) -> Bool {
        guard let slash = path.lastIndex(of: "/"), path[..<slash] == folder else { return false }
        var status = stat()
        return unsafe lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & 0o027 == 0
    }

    /// Makes a key file, 0600 from birth; one that is there already is read, never overwritten.
    ///
    /// It gets its name once all of it is on the disk: a process killed in between leaves no half key behind, which
    /// the next one would have to refuse.
    public static func contentsOrNew(at path: String) throws(VaultError) -> (key: SharedSecret, isNew: Bool) {
        var status = stat()
        if unsafe lstat(path, &status) == 0 { return (try contents(of: path), false) }
        Leftovers.remove(of: path)
        let key = SharedSecret(.random(size))
        do throws(VaultError) {
            try unsafe key.bytes.withUnsafeBytes { bytes throws(VaultError) in
                try unsafe PrivateFile.create(path, with: bytes)
            }
        } catch .fileExists {
            return (try contents(of: path), false)
        }
        return (key, true)
    }
}
