import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A child that was started, and how its changes are learnt.
///
/// Beside our own streams it is our child, in our process group: what the terminal sends reaches it without us; or, if
/// the command says so, in a group of its own. In a terminal of its own it is the child of a monitor
/// (`platform_start_in_terminal`), and leads its own group.
final class StartedChild {
    /// A change in a child's life.
    enum Change: Equatable {
        case stopped(signal: Int32)
        /// With the status that `vault` exits with: the child's own, or 128+n for a signal.
        case ended(status: Int32)
    }

    private let pid: pid_t
    private let monitor: pid_t?
    private let leadsGroup: Bool
    private let hold: OpenDescriptor
    /// Readable when the monitor reports a change; not open without a monitor, where SIGCHLD tells.
    let reports: OpenDescriptor

    /// Whom a signal is sent to: the child, or its group when it has one of its own.
    var target: pid_t { monitor == nil && !leadsGroup ? pid : -pid }

    var hasOwnTerminal: Bool { monitor != nil }

    init(_ command: Command) throws(ChildError) {
        var failure: Int32 = 0
        leadsGroup = unsafe command.platform.leads_group != 0
        pid = unsafe platform_start(&command.platform, &failure)
        (monitor, hold, reports) = (nil, OpenDescriptor(-1), OpenDescriptor(-1))
        guard pid > 0 else { throw command.error(call: "fork", code: failure) }
    }

    /// Starts it in `terminal`; `regions` is overwritten in the monitor.
    init(_ command: Command, terminal: OpenDescriptor, regions: [platform_region]) throws(ChildError) {
        var (leader, reading, writing, failure): (pid_t, Int32, Int32, Int32) = (0, -1, -1, 0)
        leadsGroup = true
        pid = unsafe platform_start_in_terminal(
            &command.platform, terminal.number, regions, regions.count, &leader, &reading, &writing, &failure)
        guard pid > 0 else {
            (monitor, hold, reports) = (nil, OpenDescriptor(-1), OpenDescriptor(-1))
            throw command.error(call: "fork", code: failure)
        }
        (monitor, hold, reports) = (leader, OpenDescriptor(writing), OpenDescriptor(reading))
        try reports.stopBlocking()
    }

    /// The next change that is known already, if there is one.
    func nextChange() -> Change? {
        var status: Int32 = 0
        guard hasOwnTerminal else {
            return unsafe platform_change_of(pid, &status) == 1 ? Self.change(status) : nil
        }
        let size = MemoryLayout<Int32>.size
        while true {
            let count = unsafe read(reports.number, &status, size)
            if count == size { return Self.change(status) }
            if count == 0 { return .ended(status: 128 + SIGKILL) }
            guard errno == EINTR else { return nil }
        }
    }

    /// The child has ended and everything it wrote was read: lets the monitor end as well.
    ///
    /// The end of the session's leader sends SIGHUP to what is left in the terminal's foreground.
    func finish() {
        guard let monitor else { return }
        platform_forward_signals_to(0, 0)
        hold.close()
        var status: Int32 = 0
        while unsafe waitpid(monitor, &status, 0) < 0, errno == EINTR {}
    }

    private static func change(_ status: Int32) -> Change {
        let signal = status & 0x7f
        if signal == 0x7f { return .stopped(signal: status >> 8 & 0xff) }
        return .ended(status: signal == 0 ? status >> 8 & 0xff : 128 + signal)
    }
}
