#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int platform_open_terminal(int *master, int *slave) {
    int outer = posix_openpt(O_RDWR | O_NOCTTY);
    if (outer < 0) return -1;
    fcntl(outer, F_SETFD, FD_CLOEXEC);
    fcntl(outer, F_SETFL, O_NONBLOCK);
    const char *name = grantpt(outer) == 0 && unlockpt(outer) == 0 ? ptsname(outer) : NULL;
    int inner = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (inner < 0) {
        int failure = errno;
        close(outer);
        errno = failure;
        return -1;
    }
    *master = outer;
    *slave = inner;
    return 0;
}
