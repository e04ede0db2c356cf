import CPlatform
import Libc
public import VaultCore

/// Where the agent of one vault listens: a socket in a folder that only this user can access.
///
/// Each vault file has its own socket, named after a digest of the file's path with symbolic links resolved, so that a
/// command finds the agent without opening the vault.
public struct AgentEndpoint: Sendable, Equatable {
    /// The path of the vault file, with symbolic links resolved.
    public let vault: String
    /// The folder of the socket.
    let folder: String
    /// The path of the socket.
    public let socket: String

    /// The path of the file that a running agent keeps locked. The holder of the lock may replace a stale socket.
    public var lockFile: String { String(socket.dropLast(4)) + "lock" }

    /// The endpoint for the vault at `path`, or nil if there is no such file.
    ///
    /// - Parameters:
    ///   - folder: The folder for sockets: `$XDG_RUNTIME_DIR/vault` or `$XDG_STATE_HOME/vault/run`.
    ///   - path: The path of the vault file.
    public init?(folder: String, vault path: String) {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        self.folder = folder
        vault = unsafe String(cString: resolved)
        socket = "\(folder)/\(Vault.word(forPath: vault)).sock"
    }

    /// An endpoint with a known socket path, for the agent itself.
    public init(socket: String, vault: String) {
        (self.socket, self.vault) = (socket, vault)
        folder = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
    }

    /// Whether folder and socket exist.
    ///
    /// - Throws: `foreign` if one of them is accessible to another user.
    func exists() throws(VaultError) -> Bool {
        guard try Self.isPrivate(folder, kind: S_IFDIR) else { return false }
        return try Self.isPrivate(socket, kind: S_IFSOCK)
    }

    /// Creates the folder with mode 0700, or checks the existing one.
    ///
    /// - Throws: `foreign` if the folder is accessible to another user, `noAnswer` if it cannot be created.
    public func prepareFolder() throws(VaultError) {
        if try Self.isPrivate(folder, kind: S_IFDIR) { return }
        var path = ""
        for component in folder.split(separator: "/") {
            path += "/" + component
            if unsafe platform_make_folder(path, 0o700) != 0, errno != EEXIST { throw .noAnswer(at: folder) }
        }
        guard try Self.isPrivate(folder, kind: S_IFDIR) else {
            throw .agent(.noAnswer(path: folder, why: "it was removed"))
        }
    }

    /// Whether a file of this kind exists and only this user can access it; throws if others can.
    private static func isPrivate(_ path: String, kind: mode_t) throws(VaultError) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if [ENOENT, ENOTDIR].contains(errno) { return false }
            throw .noAnswer(at: path)
        }
        guard status.st_mode & S_IFMT == kind else {
            throw .agent(.foreign(path: path, why: "it is not a \(kind == S_IFDIR ? "folder" : "socket")"))
        }
        guard status.st_uid == geteuid() else {
            throw .agent(.foreign(path: path, why: "it belongs to another user (uid \(status.st_uid))"))
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .agent(.foreign(path: path, why: "other users have access to it"))
        }
        return true
    }
}

extension VaultError {
    /// `noAnswer` with the description of `errno`.
    package static func noAnswer(at path: String) -> VaultError {
        .agent(.noAnswer(path: path, why: unsafe String(cString: strerror(errno))))
    }
}
