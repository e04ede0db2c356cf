import CPlatform
import Libc
import VaultCore

/// The client's end of a connection, with blocking calls. One thread may send while another receives.
final class WireSocket: @unchecked Sendable {
    private let descriptor: Int32
    private let path: String
    private var reader = FrameReader()
    /// The peer's process ID; 0 if the system does not report it.
    let peer: Int32

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `foreign` if the kernel reports that the peer belongs to another user, `noAnswer` if it reports
    ///   nothing.
    init(_ descriptor: Int32, path: String) throws(VaultError) {
        (self.descriptor, self.path) = (descriptor, path)
        var uid: uid_t = 0
        var pid: pid_t = 0
        guard unsafe platform_peer_credentials(descriptor, &uid, &pid) == 0 else { throw .noAnswer(at: path) }
        guard uid == geteuid() else {
            throw .agent(
                .foreign(
                    path: path, why: "the process that listens there belongs to another user (uid \(uid))"))
        }
        peer = pid
    }

    deinit { close(descriptor) }

    func send(_ frame: Frame) throws(VaultError) {
        try unsafe frame.write { bytes throws(VaultError) in
            guard unsafe platform_write_all(descriptor, bytes.baseAddress, bytes.count) == 0 else {
                throw .agent(.gone)
            }
        }
    }

    /// Receives the next frame, without a timeout.
    func receive() throws(VaultError) -> Frame {
        while true {
            let step = try unsafe reader.fill { space throws(VaultError) in
                let count = unsafe read(descriptor, space.baseAddress, space.count)
                if count > 0 { return count }
                if count < 0, errno == EINTR { return 0 }
                if count < 0, errno == EAGAIN {
                    throw .agent(.noAnswer(path: path, why: "it does not answer"))
                }
                throw .agent(.gone)
            }
            guard case .success(let frame) = step else { throw .agent(.malformed) }
            if let frame { return frame }
        }
    }

    /// Receives the next frame; throws `noAnswer` if nothing arrives for `seconds`.
    func receive(within seconds: Int32) throws(VaultError) -> Frame {
        _ = platform_set_receive_timeout(descriptor, seconds)
        defer { _ = platform_set_receive_timeout(descriptor, 0) }
        return try receive()
    }
}
