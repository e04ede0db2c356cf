#define _GNU_SOURCE
#include "internal.h"

#include <stdatomic.h>
#include <sys/wait.h>

static const int caught[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                             SIGTSTP, SIGCONT, SIGCHLD, SIGWINCH};
enum { caught_count = sizeof caught / sizeof caught[0] };

static struct sigaction found[caught_count];
static struct sigaction found_broken_pipe;
static sigset_t found_mask;
/// The handler may run on any thread. Lock-free atomics are what it may use (C11, 7.14.1.1).
static atomic_int ends[2] = {-1, -1};
static atomic_int forward_to;
static atomic_int terminal_reaches;
/// Signals that were caught and not forwarded yet: 1 from a process, 2 from the terminal or the kernel.
static atomic_int caught_from[NSIG];

/// Whether a process sent the signal, rather than the terminal or the kernel.
static int was_sent(const siginfo_t *info) {
#if defined(__linux__)
    return info->si_code <= 0;
#else
    return info->si_pid != 0;
#endif
}

/// Forwards a signal that was caught and has not been forwarded, if there is a target.
static void forward(int number) {
    // One load: the target may change at any time, and 0 would be this process' group.
    int target = forward_to;
    int from = target == 0 ? 0 : atomic_exchange(&caught_from[number], 0);
    if (from == 1 || (from == 2 && !terminal_reaches)) kill(target, number);
}

static void handle_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno, target = forward_to;
    if (number == SIGWINCH) {
        if (target > 0 && was_sent(info)) kill(target, number);
    } else if (number != SIGCHLD && number != SIGCONT) {
        caught_from[number] = was_sent(info) ? 1 : 2;
        forward(number);
    }
    unsigned char byte = (unsigned char)number;
    if (ends[1] >= 0) (void)!write(ends[1], &byte, 1);
    errno = saved;
}

int platform_catch_signals(void) {
    int pair[2];
    if (platform_pipe(pair, O_NONBLOCK) != 0) return -1;
    ends[0] = pair[0];
    ends[1] = pair[1];
    forward_to = 0;
    for (int number = 0; number < NSIG; number++) caught_from[number] = 0;
    struct sigaction handling = {.sa_sigaction = handle_signal, .sa_flags = SA_SIGINFO};
    sigfillset(&handling.sa_mask);
    for (int i = 0; i < caught_count; i++) {
        sigaction(caught[i], NULL, &found[i]);
        if (found[i].sa_handler != SIG_IGN || caught[i] == SIGCHLD) sigaction(caught[i], &handling, NULL);
    }
    struct sigaction ignoring = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignoring, &found_broken_pipe);
    // The parent may have blocked SIGCHLD, and the end of the child would then never be reported.
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    pthread_sigmask(SIG_UNBLOCK, &children, &found_mask);
    return pair[0];
}

void platform_forward_signals_to(pid_t target, int terminal_reaches_child) {
    forward_to = 0;
    terminal_reaches = terminal_reaches_child;
    forward_to = target;
    for (int number = 1; number < NSIG; number++) forward(number);
}

void platform_release_signals(void) {
    pthread_sigmask(SIG_SETMASK, &found_mask, NULL);
    forward_to = 0;
    for (int i = 0; i < caught_count; i++) sigaction(caught[i], &found[i], NULL);
    sigaction(SIGPIPE, &found_broken_pipe, NULL);
    int reading = ends[0], writing = ends[1];
    ends[0] = ends[1] = -1;
    close(reading);
    close(writing);
}

void platform_stop(int number, int group) {
    struct sigaction action = {.sa_handler = SIG_IGN}, before;
    int uncatchable = number == SIGSTOP;
    if (!uncatchable) sigaction(number, &action, &before);
    // Signals the group first and this thread last: when `raise` returns, the process was stopped and continued.
    if (group) kill(0, number);
    action.sa_handler = SIG_DFL;
    if (!uncatchable) sigaction(number, &action, NULL);
    raise(number);
    if (!uncatchable) sigaction(number, &before, NULL);
}

int platform_poll_child(pid_t child, int *status) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)child, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return 0;
    int ended = info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED;
    if (ended) forward_to = 0;
    return waitpid(child, status, WUNTRACED | WNOHANG) == child;
}
