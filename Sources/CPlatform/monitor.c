#define _GNU_SOURCE
#include "internal.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

static void overwrite(const struct platform_region *regions, size_t count) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < count; i++) {
        if (regions[i].count == 0) continue;
        uintptr_t start = (uintptr_t)regions[i].start & ~(page - 1);
        uintptr_t end = (uintptr_t)regions[i].start + regions[i].count;
        mprotect((void *)start, end - start, PROT_READ | PROT_WRITE);
        platform_wipe(regions[i].start, regions[i].count);
    }
}

/// Closes every descriptor from 3 on.
static void close_others(void) {
#if defined(__linux__) && defined(CLOSE_RANGE_CLOEXEC)
    if (close_range(3, ~0U, 0) == 0) return;
#endif
    for (int fd = 3; fd < 65536; fd++) close(fd);
}

static void report(int fd, int status) { platform_write_all(fd, &status, sizeof status); }

/// Reports each change of the command's state. Does not reap it, so that its process ID stays valid.
static void watch(pid_t pid, int reports) {
    siginfo_t info;
    for (;;) {
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (info.si_code != CLD_STOPPED && info.si_code != CLD_TRAPPED) break;
        if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid == pid)
            report(reports, (info.si_status << 8) | 0x7f);
    }
    report(reports, info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f);
}

/// Runs in the session's leader: starts the command and watches it, with no other descriptors open.
static void monitor_command(const struct platform_command *command, pid_t parent, int terminal,
                            const sigset_t *mask, const struct platform_region *regions,
                            size_t region_count, int reports, int hold) {
    child_dies_with(parent);
    int leads = setsid() >= 0 && ioctl(terminal, TIOCSCTTY, 0) == 0;
    pid_t pid = leads ? child_start(command, terminal, mask) : -1;
    int started[2] = {(int)pid, errno};
    platform_write_all(reports, started, sizeof started);
    if (pid < 0) _exit(1);
    // The command has executed by now. Keep only the pipe to report to and the pipe to wait for.
    overwrite(regions, region_count);
    dup2(reports, 0);
    dup2(hold, 1);
    close(2);
    close_others();
    watch(pid, 0);
    char byte;
    platform_read_all(1, &byte, 1);
    _exit(0);
}

pid_t platform_start_in_terminal(const struct platform_command *command, int terminal,
                                 const struct platform_region *regions, size_t region_count, pid_t *monitor,
                                 int *reports, int *hold) {
    // The command's process ID, or -1 and the errno.
    int reporting[2], holding[2], started[2] = {-1, EIO};
    if (platform_pipe(reporting, 0) != 0 || platform_pipe(holding, 0) != 0) return -1;
    sigset_t all, mask;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    pid_t parent = getpid();
    *monitor = fork();
    if (*monitor == 0) {
        close(reporting[0]);
        close(holding[1]);
        monitor_command(command, parent, terminal, &mask, regions, region_count, reporting[1],
                        holding[0]);
    }
    if (*monitor < 0) started[1] = errno;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(reporting[1]);
    close(holding[0]);
    if (*monitor > 0) platform_read_all(reporting[0], started, sizeof started);
    *reports = reporting[0];
    *hold = holding[1];
    if (started[0] < 0) {
        if (*monitor > 0) platform_wait_for_exit(*monitor);
        close(*reports);
        close(*hold);
        errno = started[1];
    }
    return started[0];
}
