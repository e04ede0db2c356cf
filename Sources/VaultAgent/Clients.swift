import CPlatform
import Logging
import NIOCore
import NIOPosix
import Synchronization
import VaultCore
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Everybody who is connected. There is room for so many; when it is full, whoever has kept quiet longest goes.
final class Clients: Sendable {
    static var limit: Int { DescriptorBudget.current.clients }

    private let keeper: Keeper
    private let answers: Answers
    private let log: Logger
    private let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let budget = Budget()
    private let places = Mutex(Places())

    /// Who is connected: those who keep quiet, the longest first, and those who wait for an answer.
    private struct Places {
        var quiet: [(number: UInt64, channel: any Channel)] = []
        var busy: [UInt64: any Channel] = [:]
        var next: UInt64 = 0
    }

    init(_ keeper: Keeper, _ network: Network, _ log: Logger) {
        self.keeper = keeper
        self.log = log
        answers = Answers(keeper, log, others: network.questions)
    }

    /// Serves whoever connects; returns what it was that ended it.
    func serve(listening descriptor: Int32) async -> String {
        do {
            let server = try await ServerBootstrap(group: loop).childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.checkPeer(of: channel, self.log)
                    try self.converse(on: channel)
                }
            }.withBoundSocket(descriptor).get()
            try await server.closeFuture.get()
            return "the socket was closed"
        } catch {
            return "the socket failed: \(PlainWords.text(of: error))"
        }
    }

    /// Serves one connection that was handed down, to its end.
    func serve(connected descriptor: Int32) async {
        let channel = try? await ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try self.converse(on: channel) }
        }.withConnectedSocket(descriptor).get()
        try? await channel?.closeFuture.get()
    }

    private func converse(on channel: any Channel) throws {
        let codec = FrameCodec(budget)
        try channel.pipeline.syncOperations.addHandlers([
            codec, Conversation(keeper, answers, self, behind: codec),
        ])
    }

    /// Refuses whoever is not this same user, as the kernel says (case 72).
    private static func checkPeer(of channel: any Channel, _ log: Logger) throws {
        let uid = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { descriptor in
            var (uid, pid) = (uid_t.max, pid_t(0))
            return unsafe platform_peer(descriptor, &uid, &pid) == 0 ? uid : .max
        }
        guard uid == geteuid() else {
            log.warning(
                "refused", metadata: ["why": "another user", "uid": "\(uid.map { "\($0)" } ?? "unknown")"])
            // An initialiser that fails leaves the channel as it is.
            channel.close(promise: nil)
            throw ChannelError.inputClosed
        }
    }

    /// Takes somebody in, under a number.
    func enter(_ channel: any Channel) -> UInt64 {
        let (number, crowdedOut) = places.withLock { places in
            places.next += 1
            places.quiet.append((places.next, channel))
            let isFull = places.quiet.count + places.busy.count > Self.limit
            return (places.next, isFull ? places.quiet.removeFirst().channel : nil)
        }
        // It leaves its place while it is closed.
        crowdedOut?.close(promise: nil)
        return number
    }

    func leave(_ number: UInt64) {
        places.withLock { places in
            places.quiet.removeAll { $0.number == number }
            places.busy[number] = nil
        }
    }

    /// Notes whether somebody waits for an answer.
    func mark(_ number: UInt64, isBusy: Bool) {
        places.withLock { places in
            if isBusy, let place = places.quiet.firstIndex(where: { $0.number == number }) {
                places.busy[number] = places.quiet.remove(at: place).channel
            } else if !isBusy, let channel = places.busy.removeValue(forKey: number) {
                places.quiet.append((number, channel))
            }
        }
    }
}
