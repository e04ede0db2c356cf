import CPlatform
import VaultMasking
import VaultMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A program that is run for the secrets which it writes, each to a descriptor of its own, from 3 on.
///
/// It reads nothing, and leads a process group, so that all that it has started ends with it. What it says on stdout and
/// stderr is held until its end: only then it is known what must be masked in it.
final class HookRun {
    struct Outcome {
        /// Its own status, or 128+n for a signal; nil where its time was over before it ended.
        let status: Int32?
        /// What it wrote, by the order of the descriptors.
        let written: [CollectedBytes]
        let said: CollectedBytes
    }

    /// How much of what it says is kept.
    private static let saidLimit = 65_536
    /// Nanoseconds between SIGTERM and SIGKILL, and how long what it left open is read after its end.
    private static let patience: UInt64 = 2_000_000_000

    private let child: StartedChild
    private let signals: OpenDescriptor
    private let said: CollectedBytes
    private let written: [CollectedBytes]
    private var status: Int32?

    /// Runs a program for `count` secrets, `seconds` at most. Not for two callers at once: signals belong to the whole
    /// process.
    static func run(
        _ program: String, environment: consuming ChildEnvironment, secrets count: Int, seconds: Int,
        starting: StartingState
    ) throws(ChildError) -> Outcome {
        let block = environment.build()
        environment = ChildEnvironment(inheriting: .pristine)
        let command = try Command([program], environment: block, starting: starting)
        OpenDescriptor.occupyStandardStreams()
        let signals = platform_catch_signals()
        guard signals >= 0 else { throw .system(call: "pipe", code: errno) }
        defer { platform_release_signals() }
        let run = try HookRun(command, secrets: count, signals: signals)
        return run.finish(within: UInt64(seconds) * 1_000_000_000)
    }

    private init(_ command: Command, secrets count: Int, signals: Int32) throws(ChildError) {
        let nothing = OpenDescriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC))
        guard nothing.isOpen else { throw .system(call: "open", code: errno) }
        let output = try OpenDescriptor.pipe()
        var ends: [OpenDescriptor] = []
        var written: [CollectedBytes] = []
        for _ in 0..<count {
            let pipe = try OpenDescriptor.pipe()
            // Out of the way of the numbers that the program gets.
            let end = OpenDescriptor(fcntl(pipe.writing.number, F_DUPFD_CLOEXEC, Int32(3 + count)))
            guard end.isOpen else { throw .system(call: "fcntl", code: errno) }
            ends.append(end)
            written.append(CollectedBytes(from: pipe.reading, limit: HiddenPrompt.limit))
        }
        unsafe command.platform.input = nothing.number
        unsafe (command.platform.output, command.platform.error) = (
            output.writing.number, output.writing.number
        )
        unsafe command.platform.leads_group = 1
        let numbers = ends.map(\.number)
        let started = unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe (command.platform.further, command.platform.further_count) = (
                numbers.baseAddress, Int32(numbers.count)
            )
            return Result { () throws(ChildError) in try StartedChild(command) }
        }
        unsafe (command.platform.further, command.platform.further_count) = (nil, 0)
        child = try started.get()
        self.signals = OpenDescriptor(fcntl(signals, F_DUPFD_CLOEXEC, 3))
        self.written = written
        said = CollectedBytes(from: output.reading, limit: Self.saidLimit)
    }

    /// Reads until the program has ended and all that it wrote was read, or its time is over.
    private func finish(within time: UInt64) -> Outcome {
        platform_forward_signals_to(child.target, 0)
        let end = monotonicTime() + time
        follow()
        while status == nil, monotonicTime() < end { step(until: end) }
        let inTime = status
        if inTime == nil { stop() }
        // What it started in its group goes with it, and lets go of the pipes.
        kill(child.target, SIGKILL)
        let last = monotonicTime() + Self.patience
        while sources.contains(where: \.source.isOpen), monotonicTime() < last { step(until: last) }
        return Outcome(status: inTime, written: written, said: said)
    }

    private var sources: [CollectedBytes] { [said] + written }

    private func stop() {
        kill(child.target, SIGTERM)
        kill(child.target, SIGCONT)
        let last = monotonicTime() + Self.patience
        while status == nil, monotonicTime() < last { step(until: last) }
        while status == nil {
            kill(child.target, SIGKILL)
            step(until: monotonicTime() + Self.patience)
        }
    }

    private func step(until end: UInt64) {
        let descriptors = [signals.number] + sources.map(\.source.number)
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let now = monotonicTime()
        let wait = end > now ? Int32(clamping: (end - now) / 1_000_000 + 1) : 0
        guard unsafe poll(&entries, nfds_t(entries.count), wait) > 0 else { return follow() }
        for (source, entry) in zip(sources, entries.dropFirst()) where entry.revents != 0 { source.take() }
        var number: UInt8 = 0
        while unsafe read(signals.number, &number, 1) == 1 {}
        follow()
    }

    private func follow() {
        while status == nil, let change = child.nextChange() {
            switch change {
            case .ended(let status): self.status = status
            case .stopped(let signal):
                // ^Z was meant for this command: it stops, and goes on together with the program.
                platform_stop(signal, 0)
                kill(child.target, SIGCONT)
            }
        }
    }
}
