#include "internal.h"

#include <sys/select.h>
#include <termios.h>

// SIGTTIN and SIGTTOU keep their default: a prompt in the background stops, and SIGCONT redraws it.
static const int caught[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT};
enum { caught_count = sizeof caught / sizeof caught[0] };

static struct sigaction previous[caught_count];
static struct termios saved;
static sigset_t saved_mask;
static int prompt_fd = -1;
static int prompt_bracketed = 0;
static int wake[2] = {-1, -1};  // the handler writes the signal's number here, so that `select` misses none

static void on_signal(int number) {
    int error = errno;
    unsigned char byte = (unsigned char)number;
    (void)!write(wake[1], &byte, 1);
    errno = error;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    for (int i = 0; i < caught_count; i++) {
        sigaction(caught[i], NULL, &previous[i]);
        if (previous[i].sa_handler != SIG_IGN || caught[i] == SIGCONT) sigaction(caught[i], &action, NULL);
    }
}

/// Whether another process group is in the foreground; 0 for a terminal that does not control this session.
static int in_background(int fd) {
    pid_t foreground = tcgetpgrp(fd);
    return foreground > 0 && foreground != getpgrp();
}

/// Makes the terminal report each byte, without echo. Returns 0 or -1.
static int make_raw(int fd) {
    if (tcgetattr(fd, &saved) != 0) return -1;
    struct termios raw = saved;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ICANON | IEXTEN);
    raw.c_lflag |= ISIG;
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    RETRY(int, tcsetattr(fd, TCSANOW, &raw));
}

int platform_prompt_enter(int fd, int bracketed, int flush) {
    errno = prompt_fd >= 0 ? EBUSY : EBADF;
    if (prompt_fd >= 0 || fd < 0 || fd >= FD_SETSIZE) return -1;
    if (wake[0] < 0 && platform_pipe(wake, O_NONBLOCK) != 0) return -1;
    unsigned char old;
    while (read(wake[0], &old, 1) == 1) {}

    // In the background the terminal has the shell's settings: stop, and read the settings after `fg`. An orphaned
    // process group cannot stop, and gets the terminal's error below.
    for (int i = 0; i < 100 && in_background(fd); i++) kill(0, SIGTTOU);

    // Blocks the signals until the handlers are installed: the process must not die with the echo off.
    sigset_t held;
    sigemptyset(&held);
    for (int i = 0; i < caught_count; i++) {
        if (caught[i] != SIGCONT) sigaddset(&held, caught[i]);
    }
    pthread_sigmask(SIG_BLOCK, &held, &saved_mask);
    if (make_raw(fd) != 0) {
        pthread_sigmask(SIG_SETMASK, &saved_mask, NULL);
        return -1;
    }
    if (flush) tcflush(fd, TCIFLUSH);
    catch_signals();
    prompt_fd = fd;
    prompt_bracketed = bracketed;
    if (bracketed) (void)!write(fd, "\033[?2004h", 8);
    pthread_sigmask(SIG_UNBLOCK, &held, NULL);  // a worker thread may block them all
    return 0;
}

void platform_prompt_leave(int flush) {
    if (prompt_fd < 0) return;
    // A process in the background must not change the terminal, which has the shell's settings.
    if (!in_background(prompt_fd)) {
        if (prompt_bracketed) (void)!write(prompt_fd, "\033[?2004l", 8);
        if (flush) tcflush(prompt_fd, TCIFLUSH);
        while (tcsetattr(prompt_fd, TCSANOW, &saved) != 0 && errno == EINTR) {}
    }
    for (int i = 0; i < caught_count; i++) sigaction(caught[i], &previous[i], NULL);
    pthread_sigmask(SIG_SETMASK, &saved_mask, NULL);
    prompt_fd = -1;
}

int platform_prompt_wait(int milliseconds) {
    for (;;) {
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(prompt_fd, &ready);
        FD_SET(wake[0], &ready);
        int highest = prompt_fd > wake[0] ? prompt_fd : wake[0];
        struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};
        int count = select(highest + 1, &ready, NULL, NULL, milliseconds < 0 ? NULL : &time);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        if (count == 0) return -2;
        unsigned char number;
        if (FD_ISSET(wake[0], &ready) && read(wake[0], &number, 1) == 1) return number;
        if (FD_ISSET(prompt_fd, &ready)) return 0;
    }
}

int platform_prompt_read(unsigned char *byte) {
    // ^C discards the terminal's input: a blocking read would wait for the next key before the signal is reported.
    int flags = fcntl(prompt_fd, F_GETFL);
    if (flags < 0 || fcntl(prompt_fd, F_SETFL, flags | O_NONBLOCK) != 0) return -1;
    ssize_t count = read(prompt_fd, byte, 1);
    int error = errno;
    fcntl(prompt_fd, F_SETFL, flags);
    errno = error;
    return count < 0 && (error == EAGAIN || error == EINTR) ? -2 : (int)count;
}

void platform_raise(int number) {
    sigset_t only, former;
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_UNBLOCK, &only, &former);
    raise(number);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
}
