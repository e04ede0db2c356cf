#define _GNU_SOURCE
#include "CPlatform.h"
#include "child_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_number(int fd, int number) {
    while (write(fd, &number, sizeof number) < 0 && errno == EINTR) {}
}

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

/// Reports each change of the command's state. Does not reap it, so that its process ID stays valid.
static void watch(pid_t pid, int reports) {
    for (;;) {
        siginfo_t info;
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
            if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid == pid)
                send_number(reports, (info.si_status << 8) | 0x7f);
            continue;
        }
        if (info.si_code == CLD_EXITED) {
            send_number(reports, (info.si_status & 0xff) << 8);
        } else {
            send_number(reports, info.si_status & 0x7f);
        }
        return;
    }
}

/// Runs in the session's leader: starts the command and watches it, with no other descriptors open.
static void monitor_command(const struct platform_command *command, pid_t parent, int terminal,
                            const sigset_t *mask, const struct platform_region *regions,
                            size_t region_count, int reports, int hold) {
    child_dies_with(parent);
    int failure = 0;
    if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0) {
        send_number(reports, -1);
        send_number(reports, errno);
        _exit(1);
    }
    pid_t pid = child_start(command, terminal, mask, &failure);
    send_number(reports, (int)pid);
    if (pid < 0) {
        send_number(reports, failure);
        _exit(1);
    }
    // The command has executed by now. Keep only the pipe to report to and the pipe to wait for.
    overwrite(regions, region_count);
    dup2(reports, 0);
    dup2(hold, 1);
    close(2);
    child_close_others();
    watch(pid, 0);
    char byte;
    while (read(1, &byte, 1) < 0 && errno == EINTR) {}
    _exit(0);
}

pid_t platform_start_in_terminal(const struct platform_command *command, int terminal,
                                 const struct platform_region *regions, size_t region_count, pid_t *monitor,
                                 int *reports, int *hold, int *failure) {
    int reporting[2], holding[2];
    if (child_pipe(reporting) != 0 || child_pipe(holding) != 0) {
        *failure = errno;
        return -1;
    }
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
    *failure = *monitor < 0 ? errno : 0;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(reporting[1]);
    close(holding[0]);
    int pid = -1;
    if (*monitor > 0 && (!child_read_number(reporting[0], &pid) || pid < 0)) {
        if (!child_read_number(reporting[0], failure)) *failure = EIO;
        while (waitpid(*monitor, NULL, 0) < 0 && errno == EINTR) {}
    }
    *reports = reporting[0];
    *hold = holding[1];
    if (pid < 0) {
        close(reporting[0]);
        close(holding[1]);
    }
    return pid;
}
