#define _GNU_SOURCE
#include "internal.h"

#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#if defined(__APPLE__)
#include <limits.h>
#include <mach-o/dyld.h>
#include <stdlib.h>
#endif

#if !defined(SOCK_CLOEXEC)
#define SOCK_CLOEXEC 0
#endif
#if !defined(CLOCK_BOOTTIME)
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

int platform_socket_path_limit(void) { return (int)sizeof(((struct sockaddr_un *)0)->sun_path) - 1; }

/// Creates a socket that is closed on exec, and the address for `path`.
static int unix_socket(const char *path, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) > (size_t)platform_socket_path_limit()) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (SOCK_CLOEXEC == 0 && fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int platform_listen(const char *path, int backlog) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    mode_t before = umask(0177);
    int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    return bound != 0 || listen(fd, backlog) != 0 ? close_failed(fd) : fd;
}

int platform_connect(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        // An interrupted connect may have succeeded.
        if (errno == EISCONN) break;
        if (errno != EINTR) return close_failed(fd);
    }
    return fd;
}

int platform_socket_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return 0;
}

int platform_peer_credentials(int fd, uid_t *uid, pid_t *pid) {
#if defined(__linux__)
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *uid = peer.uid;
    *pid = peer.pid;
    return 0;
#else
    gid_t gid;
    *pid = 0;
#if defined(LOCAL_PEERPID)
    socklen_t size = sizeof *pid;
    getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, pid, &size);
#endif
    return getpeereid(fd, uid, &gid);
#endif
}

int platform_set_receive_timeout(int fd, int seconds) {
    struct timeval limit = {.tv_sec = seconds};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

long platform_executable_path(char *path, size_t size) {
#if defined(__APPLE__)
    char found[PATH_MAX];
    uint32_t count = sizeof found;
    if (size < PATH_MAX || _NSGetExecutablePath(found, &count) != 0 || realpath(found, path) == NULL) return -1;
    return (long)strlen(path);
#else
    return readlink("/proc/self/exe", path, size);
#endif
}

pid_t platform_start_agent(const char *path, char *const *arguments, char *const *environment, int channel, int apart) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (apart ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (apart) posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, channel, 3);
#if defined(__APPLE__)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
    if (!apart) posix_spawn_file_actions_addinherit_np(&actions, 2);
#else
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
#endif
    posix_spawnattr_setflags(&attributes, (short)flags);
    int failure = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = failure;
    return failure == 0 ? pid : -1;
}

long long platform_boot_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static sigset_t termination_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

void platform_block_termination(void) {
    sigset_t set = termination_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int platform_wait_for_termination(void) {
    sigset_t set = termination_signals();
    int number = 0;
    while (sigwait(&set, &number) != 0) {}
    return number;
}

void platform_raise_file_limit(unsigned long count) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count) return;
    limit.rlim_cur = limit.rlim_max < count ? limit.rlim_max : count;
    setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned long platform_file_limit(void) { return soft_limit(RLIMIT_NOFILE); }
