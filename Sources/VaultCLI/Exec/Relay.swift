import CPlatform
import Libc
import VaultMasking
import VaultMemory

/// Relays a child's output, input and signals until the child has ended and its output is written.
///
/// A grandchild may keep a stream open forever. So after the child's end a stream is read to its end, or until it is
/// silent for `silence`, but no longer than `gracePeriod`. Later writers get a broken pipe.
final class Relay {
    /// Nanoseconds of silence after which an open stream of an ended child is closed.
    static let silence: UInt64 = 250_000_000
    /// Nanoseconds after the child's end at which all streams are closed.
    static let gracePeriod: UInt64 = 2_000_000_000

    private let child: StartedChild
    private let signals: Int32
    private let terminal: ChildTerminal?
    private let secrets: [SharedSecret]
    /// Built after the fork, so that the command does not wait for it and no forked process has a copy.
    private lazy var patterns = PatternSet(masking: secrets)
    private var streams: [MaskedStream] = []
    private var status: Int32?
    /// Whether a stream is being copied; then the handling of a signal must not touch it.
    private var isPassing = false
    private var endTime: UInt64 = 0
    private var lastByte: UInt64 = 0

    /// Runs a command with its output masked, and calls `onStart` once it runs.
    ///
    /// - Returns: The exit status for `vault`.
    static func run(
        _ command: ChildCommand, masking secrets: [SharedSecret], onStart: () -> Void
    ) throws(ChildError) -> Int32 {
        let signals = platform_catch_signals()
        guard signals >= 0 else { throw .system(call: "pipe", code: errno) }
        defer { platform_release_signals() }
        let relay = Relay(try ChildStreams(command, secrets: secrets), signals: signals, secrets: secrets)
        return try relay.run(onStart)
    }

    private init(_ started: consuming ChildStreams, signals: Int32, secrets: [SharedSecret]) {
        self.signals = signals
        self.secrets = secrets
        child = started.child
        terminal = started.terminal
        streams = started.sources.map { source, number in
            MaskedStream(
                from: source, to: number, patterns: { [unowned self] in patterns },
                outlivesWriter: source === started.terminal?.master,
                interrupted: { [unowned self] in self.hearSignals() })
        }
    }

    private func run(_ onStart: () -> Void) throws(ChildError) -> Int32 {
        platform_forward_signals_to(child.target, child.hasOwnTerminal ? 0 : 1)
        terminal?.enter()
        defer { terminal?.leave() }
        onStart()
        followChild()
        while !isDone { step() }
        for stream in streams { stream.end() }
        child.finish()
        if let failure = streams.compactMap(\.failure).first { throw .system(call: "write", code: failure) }
        return status ?? 0
    }

    private var isDone: Bool {
        guard status != nil else { return false }
        let now = monotonicTime()
        return streams.allSatisfy { !$0.source.isOpen } || now >= lastByte + Self.silence
            || now >= endTime + Self.gracePeriod
    }

    /// Waits for events, and handles them.
    private func step() {
        var entries = [
            entry(signals, POLLIN), entry(child.reports.number, POLLIN),
            entry(terminal?.wantsKeys == true ? 0 : -1, POLLIN),
            entry(terminal?.hasKeys == true ? terminal!.master.number : -1, POLLOUT),
        ]
        entries += streams.map { entry($0.source.number, POLLIN) }
        _ = unsafe poll(&entries, nfds_t(entries.count), timeout)
        let happened = entries.map { $0.revents != 0 }
        if happened[2] { terminal?.takeKeys() }
        if happened[2] || happened[3] { terminal?.giveKeys() }
        for (index, stream) in streams.enumerated() where happened[4 + index] {
            if entries[4 + index].revents == Int16(POLLHUP), stream.isPipe {
                stream.end()
            } else {
                pass(stream)
            }
        }
        let now = monotonicTime()
        for stream in streams where stream.releaseTime.map({ $0 <= now }) == true {
            isPassing = true
            stream.release()
            isPassing = false
        }
        if happened[0] { hearSignals() }
        if happened[1] { followChild() }
    }

    private func pass(_ stream: MaskedStream) {
        guard stream.source.isOpen else { return }
        isPassing = true
        if stream.pass() { lastByte = monotonicTime() }
        isPassing = false
    }

    /// Milliseconds until the next timer, or -1 for none.
    private var timeout: Int32 {
        var times = streams.compactMap(\.releaseTime)
        if status != nil { times += [lastByte + Self.silence, endTime + Self.gracePeriod] }
        guard let next = times.min() else { return -1 }
        let now = monotonicTime()
        return next <= now ? 0 : Int32((next - now) / 1_000_000 + 1)
    }

    private func entry(_ descriptor: Int32, _ events: Int32) -> pollfd {
        pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    /// Handles pending signals; the signal handler has already forwarded those for the child.
    private func hearSignals() {
        var number: UInt8 = 0
        while unsafe read(signals, &number, 1) == 1 {
            switch Int32(number) {
            case SIGCHLD: followChild()
            case SIGCONT: resume()
            case SIGWINCH: terminal?.copySize()
            default: break
            }
        }
    }

    private func followChild() {
        while status == nil, let change = child.nextChange() {
            switch change {
            case .stopped(let signal): stop(as: signal)
            case .ended(let status):
                self.status = status
                endTime = monotonicTime()
                lastByte = endTime
                platform_forward_signals_to(0, 0)
                child.reports.close()
            }
        }
    }

    /// Stops this process because the child has stopped, and continues the child afterwards.
    ///
    /// With its own terminal only the child got the ^Z, so the whole process group is stopped, as the terminal would have
    /// done. A SIGSTOP was meant for one process.
    private func stop(as signal: Int32) {
        // Writes the output so far, unless it is this output that blocks.
        if !isPassing { streams.forEach(pass) }
        terminal?.leave()
        let isForGroup = child.hasOwnTerminal && signal != SIGSTOP
        platform_stop(isForGroup ? SIGTSTP : signal, isForGroup ? 1 : 0)
        resume()
    }

    private func resume() {
        guard status == nil else { return }
        terminal?.enter()
        kill(child.target, SIGCONT)
    }
}
