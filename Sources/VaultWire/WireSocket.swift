import CPlatform
import VaultCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One end of a connection, with plain blocking calls. Sending and receiving may be two threads' business.
final class WireSocket: @unchecked Sendable {
    private let descriptor: Int32
    private var reader = FrameReader()

    /// Takes the descriptor over, after the kernel said that the other end is this same user's.
    init(_ descriptor: Int32, path: String) throws(AgentFault) {
        self.descriptor = descriptor
        var uid: uid_t = 0
        var pid: pid_t = 0
        guard unsafe platform_peer(descriptor, &uid, &pid) == 0 else {
            throw .noAnswer(path: path, why: Self.reason)
        }
        guard uid == geteuid() else {
            throw .foreign(path: path, why: "a process of another user answers there (uid \(uid))")
        }
        peer = pid
    }

    deinit { close(descriptor) }

    /// The process at the other end; 0 where the system does not say.
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

    /// The next frame, however long it takes.
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

    /// Receives, and gives up when nothing comes for so many seconds.
    func receive(within seconds: Int32) throws(AgentFault) -> Frame {
        _ = platform_receive_within(descriptor, seconds)
        defer { _ = platform_receive_within(descriptor, 0) }
        return try receive()
    }

    static var reason: String { unsafe String(cString: strerror(errno)) }
}
