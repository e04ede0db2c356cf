import CPlatform
import Libc
import VaultStore

/// Temporary files of killed processes: `NAME.part` and `NAME.part-journal`, or `NAME.PID.new` by older versions. Each is
/// private to this user, and either an unfinished copy of a file or a second link to it.
public enum Leftovers {
    /// Removes the leftovers of one file, which the caller is about to read or create.
    static func remove(of path: String) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        for found in find(in: PrivateFile.folder(of: path), of: name) { unsafe platform_unlink(found) }
    }

    /// The paths of all leftovers in a folder, in byte order.
    public static func paths(in folder: String) -> [String] {
        find(in: folder, of: nil).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func find(in folder: String, of file: String?) -> [String] {
        guard let entries = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(entries) }
        var found: [String] = []
        while let entry = unsafe readdir(entries) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = folder == "." ? name : folder + "/" + name
            if isLeftover(name, of: file), isUnused(path) { found.append(path) }
        }
        return found
    }

    /// Whether a name is that of a leftover of `file`, or of any file if that is nil.
    private static func isLeftover(_ name: String, of file: String?) -> Bool {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return false }
        switch parts.removeLast() {
        case "part", "part-journal": break
        case "new": guard let pid = parts.popLast(), Int(pid) != nil, !parts.isEmpty else { return false }
        default: return false
        }
        return file.map { parts.joined(separator: ".").utf8.elementsEqual($0.utf8) } ?? true
    }

    /// Whether it is a regular file that is private to this user, and not locked by a process that writes it.
    private static func isUnused(_ path: String) -> Bool {
        let descriptor = unsafe platform_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
            && platform_lock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
}
