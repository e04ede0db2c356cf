import CPlatform
import Libc
import VaultCore
import VaultWire

/// The agent's socket, created with mode 0600 in a folder that only this user can access.
///
/// The process holds a lock on a file beside the socket until it exits, however that happens. The holder of the lock is
/// the vault's only agent, so it may replace a socket that another agent left behind (case 77).
struct ListeningSocket {
    let endpoint: AgentEndpoint
    let descriptor: Int32
    private let lock: Int32
    private let inode: ino_t

    /// - Throws: `pathTooLong`; `running` if another agent holds the lock; `foreign` or `noAnswer` if the folder or the
    ///   socket cannot be used.
    init(_ endpoint: AgentEndpoint) throws(VaultError) {
        self.endpoint = endpoint
        let limit = Int(platform_socket_path_limit())
        guard endpoint.socket.utf8.count <= limit else {
            throw .agent(.pathTooLong(path: endpoint.socket, limit: limit))
        }
        try endpoint.prepareFolder()
        lock = unsafe platform_open(
            endpoint.lockFile, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
        guard lock >= 0 else { throw .noAnswer(at: endpoint.lockFile) }
        guard platform_lock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .agent(.running(path: endpoint.socket))
        }
        unsafe platform_unlink(endpoint.socket)
        descriptor = unsafe platform_listen(endpoint.socket, Int32(AgentServer.maxConnections))
        guard descriptor >= 0 else { throw .noAnswer(at: endpoint.socket) }
        inode = Self.inode(endpoint.socket) ?? 0
    }

    /// Whether the path still leads to this socket.
    var isInPlace: Bool { Self.inode(endpoint.socket) == inode }

    private static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_ino : nil
    }

    /// Unlinks the socket, so that no client can connect, unless another one has replaced it. The lock is kept until
    /// the process exits.
    func remove() { if isInPlace { unsafe unlink(endpoint.socket) } }
}
