// Functions shared by child.c and monitor.c; not visible to Swift.
#ifndef CPLATFORM_CHILD_INTERNAL_H
#define CPLATFORM_CHILD_INTERNAL_H

#include "CPlatform.h"

#include <signal.h>

/// Starts a command while all signals are blocked. `mask` is the command's signal mask; `terminal` is its session's
/// terminal, or -1.
pid_t child_start(const struct platform_command *command, int terminal, const sigset_t *mask, int *failure);

/// Makes this process die with `parent` where the system supports it, and ends it if `parent` has already died.
void child_dies_with(pid_t parent);

/// Creates a pipe that is closed on exec at both ends. Returns 0 or -1 (errno).
int child_pipe(int ends[2]);

/// Reads one int: 1, or 0 at the end of the pipe.
int child_read_number(int fd, int *number);

/// Closes every descriptor from 3 on.
void child_close_others(void);

#endif
