// What the agent and its clients need: Unix sockets, peer credentials, starting the agent, and resource limits.
#pragma once

#include <stddef.h>
#include <sys/types.h>

/// The longest path of a Unix socket, in bytes.
int platform_socket_path_limit(void);

/// Creates a socket at `path` with mode 0600 and listens. Returns the descriptor, or -1 (errno).
///
/// Changes the umask of the whole process for a moment: call it before starting a second thread.
int platform_listen(const char *path, int backlog);

/// Connects to the socket at `path`. Returns the descriptor, or -1 (errno).
int platform_connect(const char *path);

/// Creates two connected sockets that are closed on exec. Returns 0 or -1 (errno).
int platform_socket_pair(int ends[2]);

/// The user and process at the other end of a Unix socket, from the kernel; `pid` is 0 if unknown. Returns 0 or -1
/// (errno).
int platform_peer_credentials(int fd, uid_t *uid, pid_t *pid);

/// Makes reads from the socket `fd` fail with EAGAIN after `seconds`; 0 means no timeout. Returns 0 or -1 (errno).
int platform_set_receive_timeout(int fd, int seconds);

/// The path of this process' executable, without symbolic links. Returns its length, or -1 (errno).
long platform_executable_path(char *path, size_t size);

/// Starts a program with `channel` as descriptor 3; it inherits no other descriptor but, unless `apart`, stderr.
///
/// `apart` starts it in a new session without a terminal. Otherwise it gets its own process group: ^C then reaches only
/// this process, which ends the program in order. Returns the process ID, or -1 (errno).
pid_t platform_start_agent(const char *path, char *const *arguments, char *const *environment, int channel, int apart);

/// A monotonic time in milliseconds that includes the time the machine is suspended.
long long platform_boot_milliseconds(void);

/// Blocks SIGTERM, SIGINT and SIGHUP in this thread and the threads it starts, for `platform_wait_for_termination`.
void platform_block_termination(void);

/// Waits for one of the blocked signals and returns its number.
int platform_wait_for_termination(void);

/// Raises the soft limit of open files to `count`, or to the hard limit if that is lower.
void platform_raise_file_limit(unsigned long count);

/// The soft limit of open files; the largest number if there is none.
unsigned long platform_file_limit(void);

/// Returns freed heap memory to the system.
void platform_trim_heap(void);
