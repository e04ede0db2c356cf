import CPlatform
import Libc

/// Process attributes that hardening changes, recorded first so that child processes get the original values.
package struct LaunchState: Sendable {
    /// The soft and hard limit of core files, in bytes.
    package let coreLimit: (soft: UInt64, hard: UInt64)

    /// Whether SIGPIPE was ignored, as under some job runners.
    package let ignoresBrokenPipe: Bool

    /// Whether SIGXFSZ was ignored.
    package let ignoresFileSize: Bool

    /// Records the current state. Call it before changing the core limit, SIGPIPE or SIGXFSZ.
    ///
    /// Afterwards lower only the soft core limit: a hard limit cannot be raised again.
    package init() {
        var limit = rlimit()
        #if canImport(Glibc)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        #else
            unsafe getrlimit(RLIMIT_CORE, &limit)
        #endif
        coreLimit = (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
        ignoresBrokenPipe = platform_signal_disposition(SIGPIPE) == 1
        ignoresFileSize = platform_signal_disposition(SIGXFSZ) == 1
    }
}
