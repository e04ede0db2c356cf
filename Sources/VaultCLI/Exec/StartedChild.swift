import CPlatform
import Libc

/// A running child.
///
/// Without its own terminal it is a child of this process, in this process group, so that the terminal's signals reach it
/// directly; or in its own group, if the command says so. With its own terminal it is the child of a monitor process
/// (`platform_start_in_terminal`), and leads its own group.
final class StartedChild {
    /// A change of a child's state.
    enum Change: Equatable {
        case stopped(signal: Int32)
        /// `status` is the exit status for `vault`: the child's own, or 128+n for a signal.
        case ended(status: Int32)
    }

    private let pid: pid_t
    private let monitor: pid_t?
    private let hold: OpenDescriptor
    /// Readable when the monitor reports a change; closed without a monitor, where SIGCHLD arrives.
    let reports: OpenDescriptor
    /// The target of `kill`: the child, or its process group.
    let target: pid_t

    var hasOwnTerminal: Bool { monitor != nil }

    init(_ command: ChildCommand) throws(ChildError) {
        pid = unsafe platform_start(&command.platform)
        guard pid > 0 else { throw command.error(call: "fork", code: errno) }
        target = unsafe command.platform.leads_group == 0 ? pid : -pid
        (monitor, hold, reports) = (nil, OpenDescriptor(-1), OpenDescriptor(-1))
    }

    /// Starts a command in `terminal`.
    ///
    /// - Parameter regions: Secret memory that the monitor process overwrites.
    init(_ command: ChildCommand, terminal: OpenDescriptor, regions: [platform_region]) throws(ChildError) {
        var (leader, reading, writing): (pid_t, Int32, Int32) = (0, -1, -1)
        pid = unsafe platform_start_in_terminal(
            &command.platform, terminal.number, regions, regions.count, &leader, &reading, &writing)
        guard pid > 0 else { throw command.error(call: "fork", code: errno) }
        (target, monitor) = (-pid, leader)
        (hold, reports) = (OpenDescriptor(writing), OpenDescriptor(reading))
        try reports.stopBlocking()
    }

    /// The next change, if one has happened.
    func nextChange() -> Change? {
        var status: Int32 = 0
        guard hasOwnTerminal else {
            return unsafe platform_poll_child(pid, &status) == 1 ? Self.change(status) : nil
        }
        let size = MemoryLayout<Int32>.size
        let count = unsafe platform_read(reports.number, &status, size)
        if count == 0 { return .ended(status: 128 + SIGKILL) }
        return count == size ? Self.change(status) : nil
    }

    /// Ends the monitor, after the child has ended and its output was read.
    ///
    /// The end of the session leader sends SIGHUP to the terminal's foreground processes.
    func finish() {
        guard let monitor else { return }
        platform_forward_signals_to(0, 0)
        hold.close()
        platform_wait_for_exit(monitor)
    }

    private static func change(_ status: Int32) -> Change {
        let signal = status & 0x7f
        if signal == 0x7f { return .stopped(signal: status >> 8 & 0xff) }
        return .ended(status: signal == 0 ? status >> 8 & 0xff : 128 + signal)
    }
}
