import VaultStore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds the folder of anchors to what makes them worth something: only this user can have put them there, or can have
/// taken one away, since a vault without an anchor is believed at first contact.
enum AnchorFolder {
    /// Refuses a folder that others can change; one that is not there is none yet.
    ///
    /// The two folders that this program makes (`vault/anchors`) must be this user's, and closed to writing by anyone else.
    /// Those above them are the user's own affair, up to what undoes the rest: another owner than root, or a folder where
    /// everybody may rename what others own (not sticky). A group may write there: `umask 002` is what many systems have.
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
                isOurs: count == parts.count || path.hasSuffix("/vault") && count == parts.count - 1)
        }
    }

    private static func check(_ path: String, _ status: stat, isOurs: Bool) throws(VaultError) {
        let elsewhere = "mkdir -m 700 \"$HOME\"/vault-state && export XDG_STATE_HOME=\"$HOME\"/vault-state"
        guard status.st_uid == geteuid() || status.st_uid == 0 && !isOurs else {
            throw .unsafePath(path: path, why: "it belongs to another user", mend: elsewhere)
        }
        let isSticky = status.st_mode & S_ISVTX != 0
        let others: mode_t = isOurs ? 0o022 : isSticky ? 0 : 0o002
        guard status.st_mode & others == 0 else {
            throw .unsafePath(
                path: path, why: "others may write to it, and so change what was remembered of vaults",
                mend: isOurs ? "chmod 700 \(ShellWord.quoted(path))" : elsewhere)
        }
    }
}
