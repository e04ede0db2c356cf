import CPlatform
import Libc
import VaultMemory

/// Runs a program that writes secrets to descriptors, one each from 3 on.
///
/// The program's stdin is empty. It leads a process group, so that the processes it starts end with it. Its stdout and
/// stderr are captured until it ends: only then is it known what to mask in them.
final class HookRun {
    struct Outcome {
        /// The exit status, or 128+n for a signal; nil if the time limit ended it.
        let status: Int32?
        /// The secrets, in the order of the descriptors.
        let secrets: [CapturedOutput]
        /// stdout and stderr.
        let output: CapturedOutput
    }

    /// The bytes of output that are kept.
    private static let outputLimit = 65_536
    /// Nanoseconds between SIGTERM and SIGKILL, and of reading open pipes after the program's end.
    private static let gracePeriod: UInt64 = 2_000_000_000

    private let child: StartedChild
    private let signals: Int32
    private let output: CapturedOutput
    private let secrets: [CapturedOutput]
    private var status: Int32?

    /// Runs a program for at most `seconds`. Not reentrant: signals belong to the whole process.
    ///
    /// - Parameter count: The number of secrets, and so of descriptors.
    static func run(
        _ program: String, environment: consuming ChildEnvironment, secrets count: Int, seconds: Int,
        starting: LaunchState
    ) throws(ChildError) -> Outcome {
        let command = try ChildCommand([program], environment: environment, starting: starting)
        let signals = platform_catch_signals()
        guard signals >= 0 else { throw .system(call: "pipe", code: errno) }
        defer { platform_release_signals() }
        let run = try HookRun(command, secrets: count, signals: signals)
        return run.finish(within: UInt64(seconds) * 1_000_000_000)
    }

    private init(_ command: ChildCommand, secrets count: Int, signals: Int32) throws(ChildError) {
        let nothing = OpenDescriptor(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC))
        guard nothing.isOpen else { throw .system(call: "open", code: errno) }
        let output = try OpenDescriptor.pipe()
        var ends: [OpenDescriptor] = []
        var secrets: [CapturedOutput] = []
        for _ in 0..<count {
            let pipe = try OpenDescriptor.pipe()
            // Above the numbers that the program gets.
            let end = OpenDescriptor(fcntl(pipe.writing.number, F_DUPFD_CLOEXEC, Int32(3 + count)))
            guard end.isOpen else { throw .system(call: "fcntl", code: errno) }
            ends.append(end)
            secrets.append(CapturedOutput(from: pipe.reading, limit: HiddenPrompt.limit))
        }
        unsafe command.platform.input = nothing.number
        unsafe command.platform.output = output.writing.number
        unsafe command.platform.error = output.writing.number
        unsafe command.platform.leads_group = 1
        child = unsafe try ends.map(\.number).withUnsafeBufferPointer { numbers throws(ChildError) in
            unsafe command.platform.further = numbers.baseAddress
            unsafe command.platform.further_count = Int32(numbers.count)
            return try StartedChild(command)
        }
        self.signals = signals
        self.secrets = secrets
        self.output = CapturedOutput(from: output.reading, limit: Self.outputLimit)
    }

    /// Reads until the program has ended and its pipes are drained, or the time limit is reached.
    private func finish(within time: UInt64) -> Outcome {
        platform_forward_signals_to(child.target, 0)
        let end = monotonicTime() + time
        follow()
        while status == nil, monotonicTime() < end { step(until: end) }
        let inTime = status
        if inTime == nil { stop() }
        // Ends the rest of its group, which closes the pipes.
        kill(child.target, SIGKILL)
        let last = monotonicTime() + Self.gracePeriod
        while sources.contains(where: \.source.isOpen), monotonicTime() < last { step(until: last) }
        return Outcome(status: inTime, secrets: secrets, output: output)
    }

    private var sources: [CapturedOutput] { [output] + secrets }

    private func stop() {
        kill(child.target, SIGTERM)
        kill(child.target, SIGCONT)
        let last = monotonicTime() + Self.gracePeriod
        while status == nil, monotonicTime() < last { step(until: last) }
        while status == nil {
            kill(child.target, SIGKILL)
            step(until: monotonicTime() + Self.gracePeriod)
        }
    }

    private func step(until end: UInt64) {
        let descriptors = [signals] + sources.map(\.source.number)
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let now = monotonicTime()
        let wait = end > now ? Int32(clamping: (end - now) / 1_000_000 + 1) : 0
        guard unsafe poll(&entries, nfds_t(entries.count), wait) > 0 else { return follow() }
        for (source, entry) in zip(sources, entries.dropFirst()) where entry.revents != 0 { source.take() }
        var number: UInt8 = 0
        while unsafe read(signals, &number, 1) == 1 {}
        follow()
    }

    private func follow() {
        while status == nil, let change = child.nextChange() {
            switch change {
            case .ended(let status): self.status = status
            case .stopped(let signal):
                // ^Z was meant for this command: stop, and continue together with the program.
                platform_stop(signal, 0)
                kill(child.target, SIGCONT)
            }
        }
    }
}
