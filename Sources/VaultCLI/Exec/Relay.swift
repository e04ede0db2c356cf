import CPlatform
import VaultMasking

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Stands between a child and this process' streams until the child has ended and what it wrote was passed on.
///
/// A child of the child may keep a stream open for ever. So after the end: a stream is read to its end, or until
/// nothing came for `silence`, and not longer than `patience`. Whoever writes later gets a broken pipe.
final class Relay {
    /// Nanoseconds without a byte after which an open stream of an ended child is given up.
    static let silence: UInt64 = 250_000_000
    /// Nanoseconds after the child's end at which all streams are given up.
    static let patience: UInt64 = 2_000_000_000

    private let child: StartedChild
    private let signals: Int32
    private let terminal: ChildTerminal?
    private let secrets: [any LentBytes]
    /// Made once the command runs: it does not wait for them, and no process that was forked has a copy.
    private lazy var patterns = PatternSet(masking: secrets)
    private var streams: [MaskedStream] = []
    private var status: Int32?
    /// A stream is being read or written: it must not be touched from what a signal leads to.
    private var isPassing = false
    private var endTime: UInt64 = 0
    private var lastByte: UInt64 = 0

    /// Runs a command with its output masked, and `meanwhile` beside it; returns the status that `vault` exits with.
    static func run(
        _ command: Command, masking secrets: [any LentBytes], meanwhile: () -> Void
    ) throws(ChildError) -> Int32 {
        OpenDescriptor.occupyStandardStreams()
        let signals = platform_catch_signals()
        guard signals >= 0 else { throw .system(call: "pipe", code: errno) }
        defer { platform_release_signals() }
        let wiring = try Wiring(command, secrets: secrets)
        let relay = Relay(wiring, signals: signals, secrets: secrets)
        return try relay.run(meanwhile)
    }

    private init(_ wiring: consuming Wiring, signals: Int32, secrets: [any LentBytes]) {
        self.signals = signals
        self.secrets = secrets
        child = wiring.child
        terminal = wiring.terminal
        streams = wiring.sources.map { source, number in
            MaskedStream(
                from: source, to: number, patterns: { [unowned self] in patterns },
                outlivesWriter: source === wiring.terminal?.master,
                interrupted: { [unowned self] in self.hearSignals() })
        }
    }

    private func run(_ meanwhile: () -> Void) throws(ChildError) -> Int32 {
        platform_forward_signals_to(child.target, child.hasOwnTerminal ? 0 : 1)
        terminal?.enter()
        defer { terminal?.leave() }
        meanwhile()
        followChild()
        while !isDone { step() }
        for stream in streams { stream.end() }
        child.finish()
        for stream in streams {
            if let failure = stream.failure { throw .system(call: "write", code: failure) }
        }
        return status ?? 0
    }

    private var isDone: Bool {
        guard status != nil else { return false }
        let now = monotonicTime()
        return streams.allSatisfy { !$0.source.isOpen } || now >= lastByte + Self.silence
            || now >= endTime + Self.patience
    }

    /// Waits for the next thing to do, and does it.
    private func step() {
        var entries = [entry(signals, POLLIN), entry(child.reports.number, POLLIN)]
        entries.append(entry(terminal?.wantsKeys == true ? 0 : -1, POLLIN))
        entries.append(entry(terminal?.hasKeys == true ? terminal!.master.number : -1, POLLOUT))
        entries += streams.map { entry($0.source.number, POLLIN) }
        let ready = unsafe poll(&entries, nfds_t(entries.count), timeout)
        let happened =
            ready > 0 ? entries.map { $0.revents != 0 } : [Bool](repeating: false, count: entries.count)
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

    /// Milliseconds until something is due by time alone; -1 for never.
    private var timeout: Int32 {
        var times = streams.compactMap(\.releaseTime)
        if status != nil { times += [lastByte + Self.silence, endTime + Self.patience] }
        guard let next = times.min() else { return -1 }
        let now = monotonicTime()
        return next <= now ? 0 : Int32((next - now) / 1_000_000 + 1)
    }

    private func entry(_ descriptor: Int32, _ events: Int32) -> pollfd {
        pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    /// Acts on the signals that came; the handler has forwarded what is the child's already.
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

    /// The child has stopped: so do we, and who waits for us sees it; when we go on, so does the child.
    ///
    /// With a terminal of its own the ^Z came to the child alone, so our whole group is to stop, as it would have
    /// without us. A SIGSTOP was meant for one process.
    private func stop(as signal: Int32) {
        // What it wrote before is seen before; unless it is this very output that somebody keeps waiting.
        if !isPassing { streams.forEach(pass) }
        terminal?.leave()
        if child.hasOwnTerminal, signal != SIGSTOP {
            platform_stop(SIGTSTP, 1)
        } else {
            platform_stop(signal, 0)
        }
        resume()
    }

    private func resume() {
        guard status == nil else { return }
        terminal?.enter()
        kill(child.target, SIGCONT)
    }
}
