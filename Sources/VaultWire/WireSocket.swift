import CPlatform
import Libc
import VaultCore

/// The client's end of a connection, with blocking calls. One thread may send while another receives.
final class WireSocket: @unchecked Sendable {
    private let descriptor: Int32
    private var reader = FrameReader()

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `foreign` if the kernel reports that the peer belongs to another user, `noAnswer` if it reports
    ///   nothing.
    init(_ descriptor: Int32, path: String) throws(AgentFault) {
        self.descriptor = descriptor
        var uid: uid_t = 0
        var pid: pid_t = 0
        guard unsafe platform_peer_credentials(descriptor, &uid, &pid) == 0 else {
            throw .noAnswer(path: path, why: Self.errnoMessage)
        }
        guard uid == geteuid() else {
            throw .foreign(
                path: path, why: "the process that listens there belongs to another user (uid \(uid))")
        }
        peer = pid
    }

    deinit { close(descriptor) }

    /// The peer's process ID; 0 if the system does not report it.
    let peer: Int32

    func send(_ frame: Frame) throws(AgentFault) {
        try unsafe frame.write { bytes throws(AgentFault) in
            var done = 0
            while done < bytes.count {
                let count = unsafe write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .gone }
                done += count
            }
        }
    }

    /// Receives the next frame, without a timeout.
    func receive() throws(AgentFault) -> Frame {
        while true {
            let step = try unsafe reader.fill { space throws(AgentFault) in
                while true {
                    let count = unsafe read(descriptor, space.baseAddress, space.count)
                    if count > 0 { return count }
                    if count < 0, errno == EINTR { continue }
                    if count < 0, errno == EAGAIN { throw .noAnswer(path: "", why: "it does not answer") }
                    throw .gone
                }
            }
            switch step {
            case .success(let frame?): return frame
            case .success(nil): continue
            case .failure: throw .malformed
            }
        }
    }

    /// Receives the next frame; throws `noAnswer` if nothing arrives for `seconds`.
    func receive(within seconds: Int32) throws(AgentFault) -> Frame {
        _ = platform_set_receive_timeout(descriptor, seconds)
        defer { _ = platform_set_receive_timeout(descriptor, 0) }
        return try receive()
    }

    /// The description of `errno`.
    static var errnoMessage: String { unsafe String(cString: strerror(errno)) }
}
