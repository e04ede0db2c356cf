// What the C files of this module share; not visible to Swift.
#pragma once

#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

// For functions that run before all other initializers, including those of the sanitizers and of the Swift runtime.
#if defined(__clang__)
#define EARLY __attribute__((disable_sanitizer_instrumentation))
#else
#define EARLY
#endif

/// The rest of a function that returns the result of `call`, repeated while signals interrupt it.
#define RETRY(type, call)                   \
    type result;                            \
    do {                                    \
        result = call;                      \
    } while (result < 0 && errno == EINTR); \
    return result

/// Closes a descriptor and keeps errno. Returns -1.
static inline int close_failed(int fd) {
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/// The soft limit of a resource; RLIM_INFINITY if it is unknown.
EARLY static inline rlim_t soft_limit(int resource) {
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

/// Starts a command while all signals are blocked. `mask` is the command's signal mask; `terminal` is its session's
/// terminal, or -1.
pid_t child_start(const struct platform_command *command, int terminal, const sigset_t *mask);

/// Makes this process die with `parent` where the system supports it, and ends it if `parent` has already died.
void child_dies_with(pid_t parent);
