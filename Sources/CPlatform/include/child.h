// How a child process is started: what posix_spawn cannot say (a signal when the parent dies, resource limits, a
// controlling terminal), so that it is fork and exec here, with system calls only in between.
#ifndef CPLATFORM_CHILD_H
#define CPLATFORM_CHILD_H

#include <stddef.h>
#include <sys/types.h>

/// A command that is ready to be executed: nothing is allocated or looked up after this is filled in.
struct platform_command {
    /// Paths to try in order, as execvp does, ended by NULL.
    const char *const *candidates;
    /// argv, ended by NULL.
    char *const *arguments;
    /// `sh`, a place for the path, then the arguments from the second on: for a script without `#!`. Ended by NULL.
    const char **shell_arguments;
    /// envp, ended by NULL.
    char *const *environment;
    /// The descriptors that become 0, 1 and 2; -1 leaves one as it is. All are above 2, or -1.
    int input, output, error;
    /// The descriptors that become 3, 4, …; each is at least 3 + `further_count`.
    const int *further;
    int further_count;
    /// 1 to lead a process group of its own, so that all that the command has started can be ended with it.
    int leads_group;
    /// 1 to set the core limit to the two values below.
    int has_core_limit;
    unsigned long long core_soft, core_hard;
    /// 1 when the command shall ignore SIGPIPE, as this process was told to when it was started.
    int ignores_broken_pipe;
    /// 1 when the command shall ignore SIGXFSZ, likewise.
    int ignores_file_size;
};

/// Memory that a second process must not keep.
struct platform_region {
    void *start;
    size_t count;
};

/// Starts the command as a child in this process' group; on Linux it is killed when this process dies.
///
/// Returns the process id, or -1 with the errno of what failed in `failure`.
pid_t platform_start(const struct platform_command *command, int *failure);

/// Starts the command in a session of its own whose controlling terminal is `terminal` (a descriptor above 2).
///
/// Between this process and the command stands a monitor, the session's leader: without it the command's process
/// group would be orphaned, and the kernel would drop the SIGTSTP of ^Z. It holds none of `regions`: they are
/// overwritten in it first. `reports` (the reading end of a pipe) gives one wait status, an int, for each change of
/// the command; `hold` is kept open until the last one was read, so that the command's id stays valid until then.
/// Returns the command's process id and the monitor's, or -1 with the errno in `failure`.
pid_t platform_start_in_terminal(const struct platform_command *command, int terminal,
                                 const struct platform_region *regions, size_t region_count, pid_t *monitor,
                                 int *reports, int *hold, int *failure);

/// Becomes the command: returns only when that failed, with its errno. Descriptors above 2 do not survive.
int platform_become(const struct platform_command *command);

/// Catches the signals that a child should hear of, and gives the reading end of a pipe with one byte a signal.
///
/// A signal that this process ignores stays ignored. SIGPIPE is ignored until `platform_release_signals`.
/// Returns the descriptor, or -1 (errno). Not for two callers at once: signals belong to the whole process.
int platform_catch_signals(void);

/// Who is sent what is caught: a process id, a negative process group, or 0 for nobody (the child is gone).
///
/// Sent on from inside the handler, so that a blocked write delays nothing. What the terminal sent to the whole
/// group (`terminal_reaches_child` 1) is not sent again. SIGCONT, SIGCHLD and SIGWINCH are only reported.
void platform_forward_signals_to(pid_t target, int terminal_reaches_child);

/// Puts back the dispositions found by `platform_catch_signals`, and closes its pipe.
void platform_release_signals(void);

/// Stops this process (`group` 0) or its whole group by `signal`'s default action; returns when it goes on.
void platform_stop(int signal, int group);

/// What became of a child since the last time: 1 with its wait status in `status`, or 0 for no change.
///
/// When it has ended, nothing is forwarded to it any more before its id is given back to the system.
int platform_change_of(pid_t child, int *status);

/// Whether this process ignores `signal`.
int platform_ignores(int signal);

/// Opens a new pseudo-terminal, both ends closed on exec, the master non-blocking. Returns 0 or -1 (errno).
int platform_open_terminal(int *master, int *slave);

/// The environment this process has.
char **platform_environment(void);

/// Overwrites memory in a way that the compiler keeps.
void platform_wipe(void *start, size_t count);

/// Whole pages of zeros that are locked and left out of core dumps where the system allows. NULL (errno) if none.
void *platform_map(size_t count);

/// Overwrites and gives back what `platform_map` gave.
void platform_unmap(void *start, size_t count);

#endif
