import CPlatform
public import VaultCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the agent of one vault listens: a socket in a folder that is this user's alone.
///
/// One socket for each vault's file, named by a digest of its path without symbolic links, so that a command finds it
/// without opening the vault.
public struct AgentPlace: Sendable, Equatable {
    /// The vault's file, without symbolic links.
    public let vault: String
    public let folder: String
    public let socket: String

    /// Held locked by the agent for as long as it runs: whoever gets it may take a socket that was left behind.
    public var lock: String { String(socket.dropLast(4)) + "lock" }

    /// The place for the vault at `path`, nil where there is no such file.
    ///
    /// `folder` is the one for sockets: `$XDG_RUNTIME_DIR/vault`, or `$XDG_STATE_HOME/vault/run`.
    public init?(folder: String, vault path: String) {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        self.folder = folder
        vault = unsafe String(cString: found)
        socket = "\(folder)/\(Vault.word(forPath: vault)).sock"
    }

    /// A place that somebody else has worked out, for the agent itself.
    public init(socket: String, vault: String) {
        (self.socket, self.vault) = (socket, vault)
        folder = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
    }

    /// Whether folder and socket are there, and nobody else's; throws where they are somebody else's.
    func isThere() throws(AgentFault) -> Bool {
        guard try Self.owns(folder, kind: S_IFDIR) else { return false }
        return try Self.owns(socket, kind: S_IFSOCK)
    }

    /// Makes the folder, 0700, or checks the one that is there.
    public func prepareFolder() throws(AgentFault) {
        if try Self.owns(folder, kind: S_IFDIR) { return }
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/" + part
            guard unsafe platform_make_folder(made, 0o700) == 0 || errno == EEXIST else {
                throw .noAnswer(path: folder, why: unsafe String(cString: strerror(errno)))
            }
        }
        guard try Self.owns(folder, kind: S_IFDIR) else { throw .noAnswer(path: folder, why: "it is gone") }
    }

    private static func owns(_ path: String, kind: mode_t) throws(AgentFault) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if [ENOENT, ENOTDIR].contains(errno) { return false }
            throw .noAnswer(path: path, why: unsafe String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == kind else { throw .foreign(path: path, why: "it is something else") }
        guard status.st_uid == geteuid() else {
            throw .foreign(path: path, why: "it belongs to another user (uid \(status.st_uid))")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .foreign(path: path, why: "others may use it")
        }
        return true
    }
}
