#define _GNU_SOURCE
#include "internal.h"

#include <sys/wait.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

/// Sets close-on-exec for every descriptor from `first` on: unlike closing them, a failed exec loses nothing.
static void close_on_exec_from(int first) {
#if defined(__linux__) && defined(CLOSE_RANGE_CLOEXEC)
    if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
#endif
    rlim_t end = soft_limit(RLIMIT_NOFILE);
    for (int fd = first; fd < 65536 && (rlim_t)fd < end; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/// Like execvp: tries the next path if one is missing or not permitted. Returns the errno to report.
static int execute(const struct platform_command *command) {
    int failure = ENOENT;
    for (char *const *path = command->candidates; *path != NULL; path++) {
        execve(*path, command->arguments, command->environment);
        if (errno == ENOEXEC) {
            command->shell_arguments[1] = *path;
            execve("/bin/sh", command->shell_arguments, command->environment);
            return ENOEXEC;
        }
        if (errno == EACCES) {
            failure = EACCES;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            return errno;
        }
    }
    return failure;
}

/// Resets handlers to the default while all signals are blocked: no handler may run in memory shared by vfork.
static void restore_dispositions(const struct platform_command *command) {
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_DFL) continue;
        int is_ours = number == SIGPIPE || number == SIGXFSZ;
        if (action.sa_handler == SIG_IGN && !is_ours) continue;
        int was_ignored = number == SIGPIPE ? command->ignores_broken_pipe : command->ignores_file_size;
        action.sa_handler = is_ours && was_ignored ? SIG_IGN : SIG_DFL;
        action.sa_flags = 0;
        sigaction(number, &action, NULL);
    }
}

/// Executes the command in the state that this process was started in. Returns the errno if it can't.
static int become(const struct platform_command *command, const sigset_t *mask) {
    restore_dispositions(command);
    struct rlimit cores = {.rlim_cur = (rlim_t)command->core_soft, .rlim_max = (rlim_t)command->core_hard};
    setrlimit(RLIMIT_CORE, &cores);
    close_on_exec_from(3 + command->further_count);
    sigprocmask(SIG_SETMASK, mask, NULL);
    return execute(command);
}

static int place_descriptors(const struct platform_command *command) {
    const int wanted[3] = {command->input, command->output, command->error};
    for (int fd = 0; fd < 3; fd++) {
        if (wanted[fd] >= 0 && dup2(wanted[fd], fd) < 0) return errno;
    }
    for (int i = 0; i < command->further_count; i++) {
        if (dup2(command->further[i], 3 + i) < 0) return errno;
    }
    return 0;
}

void child_dies_with(pid_t parent) {
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    if (getppid() != parent) _exit(125);
}

/// Runs in the new process: executes the command, or writes the errno to `failures`. `terminal` is the session's, or
/// -1.
static void begin(const struct platform_command *command, pid_t parent, int terminal, int failures,
                  const sigset_t *mask) {
    child_dies_with(parent);
    if (terminal >= 0 || command->leads_group) setpgid(0, 0);
    if (terminal >= 0) tcsetpgrp(terminal, getpid());
    // Moved above the descriptors that the command gets.
    if (command->further_count > 0) failures = fcntl(failures, F_DUPFD_CLOEXEC, 3 + command->further_count);
    int failure = place_descriptors(command);
    if (failure == 0) failure = become(command, mask);
    platform_write_all(failures, &failure, sizeof failure);
    _exit(127);
}

pid_t child_start(const struct platform_command *command, int terminal, const sigset_t *mask) {
    int failures[2], failure = 0;
    if (platform_pipe(failures, 0) != 0) return -1;
    pid_t parent = getpid();
#if defined(__linux__)
    // Shares the memory instead of copying it, so that no other process holds a copy of the secrets.
    pid_t pid = vfork();
#else
    pid_t pid = fork();
#endif
    if (pid == 0) begin(command, parent, terminal, failures[1], mask);
    if (pid < 0) failure = errno;
    close(failures[1]);
    if (pid > 0 && platform_read_all(failures[0], &failure, sizeof failure) > 0) {
        platform_wait_for_exit(pid);
        pid = -1;
    }
    close(failures[0]);
    errno = failure;
    return pid;
}

pid_t platform_start(const struct platform_command *command) {
    sigset_t all, mask;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    pid_t pid = child_start(command, -1, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return pid;
}

int platform_exec(const struct platform_command *command) {
    sigset_t all, mask;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    int failure = become(command, &mask);
    // exec failed, and this process still holds secrets.
    platform_disable_cores();
    platform_ignore_signal(SIGPIPE);
    platform_ignore_signal(SIGXFSZ);
    return failure;
}

int platform_wait_for_exit(int pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

extern char **environ;

char **platform_environment(void) { return environ; }
