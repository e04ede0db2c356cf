import CPlatform
import Libc

/// Keeps secrets out of crash reports, core files and other processes of the same user.
///
/// - Swift's crash handler prints the memory behind every register. The signals that it installs itself for
///   (`CrashHandlerLinux.cpp`, with SIGQUIT; SIGSYS too) are reset to their default, which also overrides
///   `SWIFT_BACKTRACE=enable=yes`.
/// - The soft limit of core files is 0, and the process is not dumpable: a pipe in `core_pattern` ignores the limit.
/// - New files have mode 0600.
/// - SIGPIPE and SIGXFSZ are ignored, so that a write fails with an error.
/// - A closed standard descriptor is opened on `/dev/null`, in the mode that makes its use fail, so that no database
///   gets the number of stderr.
package enum ProcessHardening {
    /// The settings of the caller.
    package struct Inherited: Sendable {
        let umask: mode_t
        /// The attributes that child processes get back.
        package let launchState: LaunchState
    }

    /// The signals that are reset to their default.
    package static let crashSignals: [Int32] = [
        SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGSYS,
    ]

    /// The settings before hardening. The first use hardens the process.
    package static let inherited: Inherited = harden()

    /// Hardens the process. Call it first in `main`.
    package static func apply() { _ = inherited }

    /// Restores the caller's umask for a child process. This process must create no files until
    /// `restorePrivateUmask`.
    package static func restoreCallerUmask() { _ = umask(inherited.umask) }

    /// Restores the umask 077 after a child process was started.
    package static func restorePrivateUmask() { _ = umask(0o077) }

    private static func harden() -> Inherited {
        let launchState = LaunchState()
        for signal in crashSignals { _ = platform_default_signal(signal) }
        _ = platform_disable_cores()
        _ = platform_disable_dumping()
        openStandardDescriptors()
        _ = platform_ignore_signal(SIGPIPE)
        _ = platform_ignore_signal(SIGXFSZ)
        if platform_has_low_process_limit() == 1, platform_can_start_threads(4) == 0 {
            unsafe platform_fail(
                "can't start threads: this user's process limit is reached",
                "raise the limit, or end other processes; for example: ulimit -u 1024")
        }
        return Inherited(umask: umask(0o077), launchState: launchState)
    }

    /// Opens closed standard descriptors. `open` returns the lowest free number, so ascending order fills the gaps.
    private static func openStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            let opened = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
            guard opened == descriptor else {
                unsafe platform_fail(
                    "descriptor \(descriptor) is closed and /dev/null can't be opened",
                    "open it: 0</dev/null 1>FILE 2>&1")
            }
        }
    }
}
