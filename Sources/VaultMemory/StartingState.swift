import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What this process was started with and changes for itself, noted first so that a child gets the original.
package struct StartingState: Sendable {
    /// The largest core that may be written, in bytes: soft and hard limit.
    package let coreLimit: (soft: UInt64, hard: UInt64)

    /// Whether SIGPIPE was ignored, as under some job runners.
    package let ignoresBrokenPipe: Bool

    /// Whether SIGXFSZ was ignored.
    package let ignoresFileSize: Bool

    /// Notes the state as of now: to be called before the core limit, SIGPIPE and SIGXFSZ are touched.
    ///
    /// Only the soft core limit may be lowered after that: a hard one cannot be raised again.
    package init() {
        var limit = rlimit()
        #if canImport(Glibc)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        #else
            unsafe getrlimit(RLIMIT_CORE, &limit)
        #endif
        coreLimit = (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
        ignoresBrokenPipe = platform_ignores(SIGPIPE) == 1
        ignoresFileSize = platform_ignores(SIGXFSZ) == 1
    }
}
