import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the process does before anything else, so that a crash, a core file or a neighbour gets no secret.
///
/// Swift's crash handler prints the memory behind every register, so the signals it takes at start-up (its list of
/// `CrashHandlerLinux.cpp`, SIGQUIT among them, and SIGSYS) go back to their default; the handler is all there is to
/// it, so `SWIFT_BACKTRACE=enable=yes` changes nothing after this. The soft limit of core files is 0, and the process
/// is not dumpable, which also stops a core that a pipe in `core_pattern` would take whatever the limit. Files are
/// born 0600. A broken pipe and the limit of a file's size are errors of the write. A standard descriptor that was closed is taken by `/dev/null`,
/// opened the wrong way round so that using it still fails, and no database ever gets the number of stderr.
package enum ProcessHardening {
    /// What the caller had set, for children to have it again.
    package struct Inherited: Sendable {
        let umask: mode_t
        package let starting: StartingState
    }

    package static let crashSignals: [Int32] = [
        SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGSYS,
    ]

    /// What was found when the process was hardened; the first use hardens it.
    package static let inherited: Inherited = harden()

    /// Hardens the process: the first line of `main`.
    package static func begin() { _ = inherited }

    /// Gives the caller's umask back, when this program makes no more files and a child is about to.
    package static func restoreForChildren() { _ = umask(inherited.umask) }

    /// Takes it away again, for a program that goes on behind its child.
    package static func resumeAfterChild() { _ = umask(0o077) }

    private static func harden() -> Inherited {
        let starting = StartingState()
        for signal in crashSignals { _ = platform_default_signal(signal) }
        var core: UInt64 = 0
        _ = unsafe platform_forbid_cores(&core)
        _ = platform_forbid_dumping()
        holdStandardDescriptors()
        _ = platform_ignore_signal(SIGPIPE)
        _ = platform_ignore_signal(SIGXFSZ)
        if platform_has_few_threads() == 1, platform_can_start_threads(4) == 0 {
            unsafe platform_fail(
                "this process may not start threads: the limit of this user's processes is reached",
                "raise the limit, or end other processes; for example: ulimit -u 1024")
        }
        return Inherited(umask: umask(0o077), starting: starting)
    }

    /// The lowest free number is what `open` gives, so going up in order fills exactly the gaps.
    private static func holdStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            let opened = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
            guard opened == descriptor else {
                unsafe platform_fail(
                    "descriptor \(descriptor) is closed, and /dev/null cannot be opened in its place",
                    "open it: 0</dev/null 1>FILE 2>&1")
            }
        }
    }
}
