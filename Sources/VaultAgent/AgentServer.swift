import CPlatform
import Libc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import VaultCore
import VaultWire

/// Accepts clients and limits how many are connected. Beyond the limit, the client that has been idle longest is
/// disconnected.
final class AgentServer: Sendable {
    static var maxConnections: Int { DescriptorBudget.current.clients }

    let sessions: SessionManager
    let dispatcher: RequestDispatcher
    private let log: Logger
    private let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let memoryLimiter = FrameMemoryLimiter()
    /// In the order in which they became idle or busy. A busy one has a running request.
    private let connections = Mutex<[(channel: any Channel, isBusy: Bool)]>([])

    init(_ sessions: SessionManager, _ log: Logger) {
        self.sessions = sessions
        self.log = log
        dispatcher = RequestDispatcher(sessions: sessions, log: log)
    }

    /// Accepts connections on a listening socket.
    ///
    /// - Returns: Why it stopped.
    func serve(listening descriptor: Int32) async -> String {
        do {
            let server = try await ServerBootstrap(group: loop).childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.checkPeer(of: channel, self.log)
                    try self.addHandlers(to: channel)
                }
            }.withBoundSocket(descriptor).get()
            try await server.closeFuture.get()
            return "the socket was closed"
        } catch {
            return "the socket failed: \(PlainWords.text(of: error))"
        }
    }

    /// Serves one inherited connection until it closes.
    func serve(connected descriptor: Int32) async {
        let channel = try? await ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try self.addHandlers(to: channel) }
        }.withConnectedSocket(descriptor).get()
        try? await channel?.closeFuture.get()
    }

    private func addHandlers(to channel: any Channel) throws {
        let codec = FrameCodec(memoryLimiter)
        try channel.pipeline.syncOperations.addHandlers([codec, ClientHandler(self, codec: codec)])
    }

    /// Rejects a peer that the kernel does not report as this user (case 72).
    private static func checkPeer(of channel: any Channel, _ log: Logger) throws {
        let uid = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { descriptor in
            var (uid, pid) = (uid_t.max, pid_t(0))
            return unsafe platform_peer_credentials(descriptor, &uid, &pid) == 0 ? uid : .max
        }
        guard uid == geteuid() else {
            log.warning(
                "refused", metadata: ["why": "another user", "uid": "\(uid.map { "\($0)" } ?? "unknown")"])
            // A failed initializer does not close the channel.
            channel.close(promise: nil)
            throw ChannelError.inputClosed
        }
    }

    /// Adds an idle connection. If there are too many, closes the connection that has been idle longest.
    func register(_ channel: any Channel) {
        let evicted = connections.withLock { connections -> (any Channel)? in
            connections.append((channel, false))
            guard connections.count > Self.maxConnections,
                let index = connections.firstIndex(where: { !$0.isBusy })
            else { return nil }
            return connections.remove(at: index).channel
        }
        evicted?.close(promise: nil)
    }

    func unregister(_ channel: any Channel) {
        connections.withLock { $0.removeAll { $0.channel === channel } }
    }

    /// Records whether a request is running on a connection.
    func setBusy(_ isBusy: Bool, _ channel: any Channel) {
        connections.withLock { connections in
            guard let index = connections.firstIndex(where: { $0.channel === channel }) else { return }
            connections.remove(at: index)
            connections.append((channel, isBusy))
        }
    }
}
