import CPlatform
import Libc
import Logging
import VaultCore
import VaultWire

/// The agent of one vault: its session, its server, and the conditions under which it exits.
struct Agent {
    private let arguments: AgentArguments
    private let listening: ListeningSocket?
    private let log: Logger
    private let sessions: SessionManager
    private let reasonsToEnd = AsyncStream<String>.makeStream()

    init(_ arguments: AgentArguments, _ listening: ListeningSocket?, _ log: Logger) {
        (self.arguments, self.listening, self.log) = (arguments, listening, log)
        sessions = SessionManager(vault: arguments.vault, anchors: arguments.anchors, log: log)
    }

    /// Ends `run`.
    func end(because why: String) { reasonsToEnd.continuation.yield(why) }

    /// Serves until a signal arrives or, without a socket, until the only connection closes.
    func run() async -> Never {
        await unlockWithKeyFile()
        let server = AgentServer(sessions, log)
        Task { end(because: await watch()) }
        if let descriptor = arguments.descriptor {
            Task {
                await server.serve(connected: descriptor)
                if listening == nil { end(because: "the connection was closed") }
            }
        }
        if let listening {
            log.notice("listening", metadata: ["socket": "\(listening.endpoint.socket)"])
            Task { end(because: await server.serve(listening: listening.descriptor)) }
        }
        let why = await reasonsToEnd.stream.first { _ in true } ?? ""
        listening?.remove()
        await sessions.lock(because: why)
        log.notice("ended", metadata: ["why": "\(why)"])
        exit(0)
    }

    /// Checks once a second whether to lock or to exit. A timer would not count the time that the machine sleeps.
    ///
    /// Requests check the session's expiry themselves, so none is served between the expiry and this check.
    ///
    /// - Returns: Why the agent exits: its socket is gone, or it was started in the background and locked for long.
    private func watch() async -> String {
        var lockedSeconds: Int64 = 0
        while true {
            try? await Task.sleep(for: .seconds(1))
            await sessions.lockIfExpired()
            if let listening, !listening.isInPlace { return "the socket was removed" }
            lockedSeconds = sessions.current == nil ? lockedSeconds + 1 : 0
            if arguments.descriptor != nil, listening != nil, lockedSeconds >= Self.maxLockedSeconds {
                return "locked for \(Self.maxLockedSeconds) seconds"
            }
        }
    }

    /// How long a background agent keeps running while it is locked. It does not exit at once, because a new agent
    /// would not know of failed attempts to unlock.
    private static let maxLockedSeconds: Int64 = 900

    /// Unlocks with the key file of a service (systemd's `LoadCredential=`). On failure the agent stays locked.
    private func unlockWithKeyFile() async {
        guard let path = arguments.keyFile else { return }
        do throws(VaultError) {
            let folder = unsafe getenv("CREDENTIALS_DIRECTORY").map { unsafe String(cString: $0) }
            let credential = Credential.keyFile(
                try KeyFile.contents(
                    of: path, credentials: folder,
                    warn: { log.warning("key file", metadata: ["what": "\($0)"]) }))
            let request = Unlock(arguments.member, with: credential, seconds: arguments.seconds)
            try await sessions.unlock(request) { _ in }
        } catch {
            log.error("not unlocked", metadata: ["why": "\(PlainWords.text(of: error))"])
        }
    }
}
