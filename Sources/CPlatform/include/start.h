// What must be known or be checked before the language's runtime starts: it reads the arguments from a file, and ends
// the process in its own words where there is no randomness.
#ifndef CPLATFORM_START_H
#define CPLATFORM_START_H

/// The arguments of this process as the kernel passed them, ended by NULL; `count` is their number, the program's name
/// included. NULL where the C library does not pass them to initializers (musl).
///
/// The runtime's `CommandLine` reads /proc/self/cmdline, which may not be there, or not be readable for want of a
/// descriptor; it then has no arguments, and a command without arguments is another one.
char *const *platform_arguments(int *count);

/// Whether `count` threads (256 at most) can be there at once: starts them and lets them end. The dispatch library waits
/// for ever where it gets none, and others end the process.
int platform_can_start_threads(int count);

/// Keeps the C library from reserving address space for each thread where that is limited.
void platform_spare_address_space(void);

/// The status with which a child of ours ended, or 128+n for a signal; waits for it.
int platform_end_of(int pid);

/// Whether the limit of this user's processes is so small that it has to be tried. Costs one system call.
int platform_has_few_threads(void);

/// The status of an agent that was started for another process and lacks what a process needs.
#define PLATFORM_LACKING 71

/// Writes the two lines of an error to stderr (one JSON object after `--json`) and ends the process: 125 for `exec` and
/// `proxy`, else 1. For what happens where nothing else can be relied on. An agent that was started for another process
/// says nothing, and ends with `PLATFORM_LACKING`.
_Noreturn void platform_fail(const char *message, const char *next);

#endif
