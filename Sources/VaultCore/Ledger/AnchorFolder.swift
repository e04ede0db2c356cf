import Libc
import VaultStore

/// Checks that only this user can add or remove anchors: a vault without an anchor is trusted at first contact.
enum AnchorFolder {
    /// Checks the permissions of a folder and its parents; a missing folder passes.
    ///
    /// The two folders that this program creates (`vault/anchors`) must belong to this user, with no write access for
    /// others. Their parents may also belong to root, and be writable by a group (`umask 002` is common), but not by
    /// everyone, unless they are sticky.
    ///
    /// - Throws: `unsafePath`, or `io` if a folder can't be examined.
    static func check(_ folder: String) throws(VaultError) {
        let parts = folder.split(separator: "/")
        guard folder.hasPrefix("/") else { return }
        for count in stride(from: parts.count, through: 0, by: -1) {
            let path = "/" + parts.prefix(count).joined(separator: "/")
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                if [ENOENT, ENOTDIR].contains(errno) { continue }
                throw PrivateFile.fault(path)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            try check(
                path, status,
                isOwn: count == parts.count || path.hasSuffix("/vault") && count == parts.count - 1)
        }
    }

    private static func check(_ path: String, _ status: stat, isOwn: Bool) throws(VaultError) {
        let elsewhere = "mkdir -m 700 \"$HOME\"/vault-state && export XDG_STATE_HOME=\"$HOME\"/vault-state"
        guard status.st_uid == geteuid() || status.st_uid == 0 && !isOwn else {
            throw .file(.unsafePath(path: path, why: "it belongs to another user", fix: elsewhere))
        }
        let isSticky = status.st_mode & S_ISVTX != 0
        let others: mode_t = isOwn ? 0o022 : isSticky ? 0 : 0o002
        guard status.st_mode & others == 0 else {
            throw .file(
                .unsafePath(
                    path: path, why: "others can write to it, and so replace anchors",
                    fix: isOwn ? "chmod 700 \(ShellWord.quoted(path))" : elsewhere))
        }
    }
}
