// Checks and facts that are needed before the Swift runtime starts.
#pragma once

/// The arguments of this process as passed by the kernel, terminated by NULL; `count` includes the program's name.
///
/// Returns NULL where the C library does not pass arguments to initializers (musl). Swift's `CommandLine` is empty if
/// /proc/self/cmdline can't be read, and another command would run.
char *const *platform_arguments(int *count);

/// Starts `count` threads (at most 256) and ends them: 1 if all could be started. If a thread can't be started, the
/// dispatch library waits forever and other libraries end the process.
int platform_can_start_threads(int count);

/// Limits malloc to one arena if the address space is limited: glibc reserves address space for each thread.
void platform_limit_arenas(void);

/// Whether this user's process limit is so low that starting threads may fail. Costs one system call.
int platform_has_low_process_limit(void);

/// The exit status of an agent that another process started and that lacks required system resources.
#define PLATFORM_EXIT_NO_RESOURCES 71

/// Writes an error and its next step to stderr (one JSON object after `--json`) and ends the process.
///
/// The exit status is 125 for `exec` and `proxy`, else 1. Allocates nothing. An agent that another process started
/// writes nothing and ends with `PLATFORM_EXIT_NO_RESOURCES`.
_Noreturn void platform_fail(const char *message, const char *next);
