// What the two ways of starting a child share; not for Swift.
#ifndef CPLATFORM_STARTING_H
#define CPLATFORM_STARTING_H

#include "CPlatform.h"

#include <signal.h>

/// Starts a command with all signals blocked; `mask` is what the command gets, `terminal` its session's, or -1.
pid_t child_start(const struct platform_command *command, int terminal, const sigset_t *mask, int *failure);

/// Dies with `parent` where the system has that, also when it has happened already.
void child_dies_with(pid_t parent);

/// A pipe that is closed on exec at both ends. Returns 0 or -1 (errno).
int child_pipe(int ends[2]);

/// Reads one number; 0 at the end of the pipe.
int child_read_number(int fd, int *number);

/// Closes every descriptor from 3 on.
void child_close_others(void);

#endif
