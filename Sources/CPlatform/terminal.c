#define _GNU_SOURCE
#include "internal.h"

#include <stdlib.h>
#include <sys/ioctl.h>

int platform_open_terminal(int *master, int *slave) {
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0) return -1;
    fcntl(*master, F_SETFD, FD_CLOEXEC);
    fcntl(*master, F_SETFL, O_NONBLOCK);
    const char *name = grantpt(*master) == 0 && unlockpt(*master) == 0 ? ptsname(*master) : NULL;
    *slave = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return *slave < 0 ? close_failed(*master) : 0;
}

int platform_copy_window_size(int from, int to) {
    struct winsize size;
    return ioctl(from, TIOCGWINSZ, &size) != 0 ? -1 : ioctl(to, TIOCSWINSZ, &size);
}

int platform_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) != 0 ? 0 : size.ws_col;
}
