import CPlatform
import Libc

/// Folders that only this user can enter.
public enum PrivateFolder {
    /// Creates a folder and its missing ancestors with mode 0700, regardless of the umask. An existing folder is unchanged.
    ///
    /// The parent of each new folder is synced: otherwise a power loss can remove the folder with all files in it.
    ///
    /// - Throws: `full`, `readOnly` or `io`.
    public static func make(_ folder: String) throws(StoreError) {
        if try makeOne(folder) { return }
        guard errno == ENOENT, folder.contains("/") else { throw PathGuard.fault(folder) }
        try make(PathGuard.folder(of: folder))
        guard try makeOne(folder) else { throw PathGuard.fault(folder) }
    }

    /// Returns false if the folder can't be created, with the reason in `errno`.
    private static func makeOne(_ folder: String) throws(StoreError) -> Bool {
        guard unsafe platform_make_folder(folder, 0o700) == 0 else { return errno == EEXIST }
        guard unsafe chmod(folder, 0o700) == 0, unsafe platform_sync_folder(PathGuard.folder(of: folder)) == 0
        else {
            throw PathGuard.fault(folder)
        }
        return true
    }
}
