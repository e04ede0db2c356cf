#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int rename_exclusively(const char *from, const char *to) {
#if defined(__linux__)
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
#else
    return renamex_np(from, to, RENAME_EXCL);
#endif
}

int platform_rename_new(const char *from, const char *to) {
    int result;
    do result = rename_exclusively(from, to);
    while (result != 0 && errno == EINTR);
    if (result == 0 || (errno != ENOSYS && errno != EINVAL && errno != ENOTSUP)) return result;
    do result = link(from, to);
    while (result != 0 && errno == EINTR);
    if (result == 0) unlink(from);
    return result;
}

int platform_sync(int fd) {
    int result;
    do result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result;
}

int platform_sync_folder(const char *folder) {
    int fd;
    do fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) return -1;
    int result = platform_sync(fd);
    int reason = errno;
    close(fd);
    errno = reason;
    return result != 0 && (reason == EINVAL || reason == ENOTSUP) ? 0 : result;
}
