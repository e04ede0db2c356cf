// What an agent and its clients need of the system: sockets in the file system, who is at the other end, and a
// program that is started apart from this one. One file, so that what differs by platform is in one place.
#ifndef CPLATFORM_AGENT_H
#define CPLATFORM_AGENT_H

#include <stddef.h>
#include <sys/types.h>

/// How long a socket's path can be, in bytes.
int platform_socket_path_limit(void);

/// Makes a socket at `path`, mode 0600 from birth, and listens. Returns the descriptor, or -1 (errno).
///
/// The umask is the whole process' for that moment: to be called before there is a second thread.
int platform_listen(const char *path, int backlog);

/// Connects to the socket at `path`. Returns the descriptor, or -1 (errno).
int platform_connect(const char *path);

/// Two connected sockets, both closed on exec. Returns 0 or -1 (errno).
int platform_socket_pair(int ends[2]);

/// Who is at the other end of a connected Unix socket, as the kernel says; `pid` is 0 where it does not say.
/// Returns 0 or -1 (errno).
int platform_peer(int fd, uid_t *uid, pid_t *pid);

/// Lets a read from `fd` fail with EAGAIN after so many seconds; 0 for never. Returns 0 or -1 (errno).
int platform_receive_within(int fd, int seconds);

/// The path of the program that this process runs, without symbolic links. Returns its length, or -1 (errno).
long platform_own_program(char *path, size_t size);

/// Starts a program with `channel` as its descriptor 3 and no other of ours but, unless `apart`, stderr.
///
/// `apart` begins a session of its own, with no terminal; otherwise it gets a process group of its own, so that ^C
/// comes to this process, which then lets the other one end in order. Returns the process id, or -1 (errno).
pid_t platform_start_agent(const char *path, char *const *arguments, char *const *environment, int channel, int apart);

/// Milliseconds since some moment, those that the machine slept among them.
long long platform_boot_milliseconds(void);

/// Holds SIGTERM, SIGINT and SIGHUP back for this thread and those it starts: `platform_wait_for_end` takes them.
void platform_hold_end_signals(void);

/// Waits until one of the held signals comes, and returns its number.
int platform_wait_for_end(void);

/// Raises the soft limit of open files to `count`, or as far as the hard one allows.
void platform_allow_files(unsigned long count);

/// The soft limit of open files; the largest number where there is none.
unsigned long platform_file_limit(void);

/// Gives memory that was freed back to the system, where it would be kept for later.
void platform_give_back(void);

#endif
