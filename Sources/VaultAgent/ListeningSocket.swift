import CPlatform
import VaultCore
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The socket of an agent, in a folder of this user alone, 0600 from birth.
///
/// A lock is held on a file beside it for as long as the process lives, whatever ends it. Whoever gets that lock is
/// the only agent of this vault, so a socket that stands there belongs to nobody and may be taken (case 77).
struct ListeningSocket {
    let place: AgentPlace
    let descriptor: Int32
    private let lock: Int32
    private let inode: ino_t

    init(_ place: AgentPlace) throws(AgentFault) {
        self.place = place
        let limit = platform_socket_path_limit()
        guard place.socket.utf8.count <= limit else {
            throw .pathTooLong(path: place.socket, limit: Int(limit))
        }
        try place.prepareFolder()
        lock = unsafe platform_open(
            place.lock, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
        guard lock >= 0 else { throw Self.fault(place.lock) }
        guard platform_lock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .running(path: place.socket)
        }
        unsafe platform_unlink(place.socket)
        descriptor = unsafe platform_listen(place.socket, Int32(Clients.limit))
        guard descriptor >= 0 else { throw Self.fault(place.socket) }
        inode = Self.inode(place.socket) ?? 0
    }

    /// Whether the name still leads here.
    var isThere: Bool { Self.inode(place.socket) == inode }

    private static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_ino : nil
    }

    /// Takes the name away, so that nobody connects any more; a socket that somebody else put there is theirs. The lock
    /// stays until the process ends.
    func remove() { if isThere { unsafe unlink(place.socket) } }

    private static func fault(_ path: String) -> AgentFault {
        .noAnswer(path: path, why: unsafe String(cString: strerror(errno)))
    }
}
