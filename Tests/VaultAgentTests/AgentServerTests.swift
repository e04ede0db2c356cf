import CPlatform
import Dispatch
import Libc
import NIOCore
import NIOEmbedded
import TestSupport
import Testing
import VaultCore

@testable import VaultAgent
@testable import VaultWire

// case 75
@Suite(.dedicatedThread) struct AgentServerTests {
    private let sessions: SessionManager
    private let server: AgentServer

    init() {
        let log = StderrLogHandler.logger(isEnabled: false)
        sessions = SessionManager(vault: "/nowhere", anchors: "/nowhere", log: log)
        server = AgentServer(sessions, log)
    }

    @Test func `stops reading an upload until the request takes it, and discards it after the request`()
        async throws
    {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe platform_socket_pair(&ends) == 0)
        let (descriptor, other) = (ends[0], ends[1])
        // Not on the shared threads, which other tests block.
        let thread = SingleThreadExecutor()
        Task(executorPreference: thread) { [server] in await server.serve(connected: other) }
        let gate = DispatchSemaphore(value: 0)
        Task(executorPreference: sessions.executor) { Self.wait(for: gate) }
        let client = try AgentConnection(descriptor, path: "a socket pair")
        try client.begin(ListMembers())

        let limit = 64 << 20
        var chunk: [UInt8] = []
        unsafe Frame(chunk: [UInt8](repeating: 0, count: Frame.Limit.chunk)).write {
            unsafe chunk += Array($0)
        }
        var count = 0
        while count < limit, Self.isWritable(descriptor) {
            let rest = chunk[(count % chunk.count)...]
            let sent = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            count += max(0, sent)
        }
        // The buffers of the socket, what the event loop reads at once, and one chunk.
        #expect(count < 4 << 20)

        gate.signal()
        let rest = Array(chunk[(count % chunk.count)...])
        #expect(unsafe platform_write_all(descriptor, rest, rest.count) == 0)
        for _ in 0..<100 { try client.sendChunk([UInt8](repeating: 0, count: Frame.Limit.chunk)) }
        try client.endStream()
        #expect(throws: VaultError.agent(.locked)) { try client.next() }
        #expect(try client.perform(GetStatus()).session == nil)
    }

    private static func wait(for gate: DispatchSemaphore) { gate.wait() }

    private static func isWritable(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 500) > 0
    }

    @Test func `closes the connection that has been idle longest, and no busy one`() throws {
        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
            server.register(channel)
            return channel
        }
        var channels = try (0..<AgentServer.maxConnections).map { _ in try connect() }
        server.setBusy(true, channels[0])
        server.setBusy(true, channels[1])
        server.setBusy(false, channels[1])
        channels += [try connect(), try connect()]
        #expect(channels.indices.filter { !channels[$0].isActive } == [2, 3])
        server.unregister(channels[4])
        channels.append(try connect())
        #expect(channels.indices.filter { !channels[$0].isActive } == [2, 3])
    }
}
