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

    private let sessions: SessionManager
    private let dispatcher: RequestDispatcher
    private let log: Logger
    private let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let memoryLimiter = FrameMemoryLimiter()
    private let connections = Mutex(Connections())

    private struct Connections {
        /// Connections without a running request, the longest idle first.
        var idle: [(number: UInt64, channel: any Channel)] = []
        var busy: [UInt64: any Channel] = [:]
        var lastNumber: UInt64 = 0
    }

    init(_ sessions: SessionManager, _ network: NetworkHandlers, _ log: Logger) {
        self.sessions = sessions
        self.log = log
        dispatcher = RequestDispatcher(sessions, log, handlers: network.handlers)
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
        try channel.pipeline.syncOperations.addHandlers([
            codec, ClientHandler(sessions, dispatcher, self, codec: codec),
        ])
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

    /// Adds an idle connection, and closes another one if there are too many.
    ///
    /// - Returns: The connection's number.
    func register(_ channel: any Channel) -> UInt64 {
        let (number, evicted) = connections.withLock { connections in
            connections.lastNumber += 1
            connections.idle.append((connections.lastNumber, channel))
            let isFull = connections.idle.count + connections.busy.count > Self.maxConnections
            return (connections.lastNumber, isFull ? connections.idle.removeFirst().channel : nil)
        }
        evicted?.close(promise: nil)
        return number
    }

    func unregister(_ number: UInt64) {
        connections.withLock { connections in
            connections.idle.removeAll { $0.number == number }
            connections.busy[number] = nil
        }
    }

    /// Records whether a request is running on a connection.
    func setBusy(_ isBusy: Bool, _ number: UInt64) {
        connections.withLock { connections in
            if isBusy, let index = connections.idle.firstIndex(where: { $0.number == number }) {
                connections.busy[number] = connections.idle.remove(at: index).channel
            } else if !isBusy, let channel = connections.busy.removeValue(forKey: number) {
                connections.idle.append((number, channel))
            }
        }
    }
}
