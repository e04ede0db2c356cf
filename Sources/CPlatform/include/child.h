// Child processes. posix_spawn cannot set a parent-death signal, resource limits or a controlling terminal, so children
// are started by fork and exec, with only system calls in between.
#pragma once

#include <stddef.h>
#include <sys/types.h>

/// A command that is ready to execute: nothing is allocated or looked up afterwards.
struct platform_command {
    /// Paths to try in order, as execvp does, terminated by NULL.
    char *const *candidates;
    /// argv, terminated by NULL.
    char *const *arguments;
    /// `sh`, a place for the path, then argv from the second on: for a script without `#!`. Terminated by NULL.
    char **shell_arguments;
    /// envp, terminated by NULL.
    char *const *environment;
    /// The descriptors that become 0, 1 and 2, each above 2; -1 leaves one unchanged.
    int input, output, error;
    /// The descriptors that become 3, 4, …, each at least 3 + `further_count`.
    const int *further;
    int further_count;
    /// 1 to lead a process group, so that all processes that the command starts can be ended together.
    int leads_group;
    /// The limit of core files.
    unsigned long long core_soft, core_hard;
    /// 1 if the command ignores SIGPIPE and SIGXFSZ, as this process did when it was started.
    int ignores_broken_pipe, ignores_file_size;
};

/// Memory that another process must not keep.
struct platform_region {
    void *start;
    size_t count;
};

/// Starts the command in this process' group. On Linux the kernel kills it when this process dies.
///
/// Returns the process ID, or -1 (errno).
pid_t platform_start(const struct platform_command *command);

/// Starts the command in a new session with `terminal` (a descriptor above 2) as its controlling terminal.
///
/// A monitor process leads the session: without it the command's process group would be orphaned, and the kernel would
/// discard the SIGTSTP of ^Z. The monitor overwrites its copy of `regions`. `reports` (the reading end of a pipe)
/// delivers one wait status, an int, for each change of the command's state. Keep `hold` open until the last status was
/// read: until then the command's process ID stays valid. Returns the process IDs of the command and of the monitor, or
/// -1 (errno).
pid_t platform_start_in_terminal(const struct platform_command *command, int terminal,
                                 const struct platform_region *regions, size_t region_count, pid_t *monitor,
                                 int *reports, int *hold);

/// Replaces this process by the command. Returns only on failure, with the errno. Closes descriptors above 2.
int platform_exec(const struct platform_command *command);

/// Catches the signals that are forwarded to a child. Returns the reading end of a pipe that delivers one byte per
/// signal, or -1 (errno).
///
/// Ignored signals stay ignored. SIGPIPE is ignored until `platform_release_signals`. Only one caller at a time:
/// signals belong to the whole process.
int platform_catch_signals(void);

/// Sets the target of caught signals: a process ID, a negative process group, or 0 for none (the child has ended).
///
/// The handler itself forwards them, so that a blocked write delays none. Signals that the terminal sent to the whole
/// group (`terminal_reaches_child` 1) are not sent again. SIGCONT, SIGCHLD and SIGWINCH are only reported.
void platform_forward_signals_to(pid_t target, int terminal_reaches_child);

/// Restores the actions found by `platform_catch_signals` and closes its pipe.
void platform_release_signals(void);

/// Stops this process (`group` 0) or its whole group by the default action of `signal`; returns when it continues.
void platform_stop(int signal, int group);

/// Polls a child for a change of state: 1 with its wait status in `status`, or 0 for no change.
///
/// Stops forwarding signals to a child that has ended before the system can reuse its process ID.
int platform_poll_child(pid_t child, int *status);

/// Waits for a child. Returns its exit status, 128+n after signal n, or -1 (errno).
int platform_wait_for_exit(int pid);

/// Opens a pseudo-terminal; both ends are closed on exec and the master is non-blocking. Returns 0 or -1 (errno).
int platform_open_terminal(int *master, int *slave);

/// The environment of this process.
char **platform_environment(void);

/// Overwrites memory. The compiler does not remove the writes.
void platform_wipe(void *start, size_t count);

/// Maps zeroed pages that are locked and left out of core dumps where the system allows it. Returns NULL (errno) on
/// failure.
void *platform_map(size_t count);

/// Overwrites and unmaps memory from `platform_map`.
void platform_unmap(void *start, size_t count);
